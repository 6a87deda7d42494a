#include "governance/joint_commit.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "stamp/server_stamp.h"

namespace nexus::governance {
namespace {

constexpr int kAttemptsMax = 32;

// Keeps itself alive through the callbacks of its steps.
class JointCommit : public std::enable_shared_from_this<JointCommit> {
 public:
  JointCommit(const JointCommitParts& with, std::vector<JointPart> parts, AdmissionStamp stamp,
              absl::AnyInvocable<void(JointOutcome)> done)
      : with_(with),
        parts_(std::move(parts)),
        stamp_(std::move(stamp)),
        done_(std::move(done)),
        order_(parts_.size()) {
    std::iota(order_.begin(), order_.end(), 0);
    std::sort(order_.begin(), order_.end(), [this](size_t a, size_t b) {
      return parts_[a].stream->name() < parts_[b].stream->name();
    });
  }

  void Begin() { TakeTurn(0); }

 private:
  void TakeTurn(size_t next) {
    if (next == order_.size()) return Attempt();
    GovernanceStream& stream = *parts_[order_[next]].stream;
    stream.Hold([self = shared_from_this(), next](absl::Status held) {
      if (!held.ok()) return self->Finish(std::move(held));
      self->held_ = next + 1;
      self->TakeTurn(next + 1);
    });
  }

  void Attempt() {
    Commit commit;
    commit.id = CommitId{with_.ids.NewUuid()};
    commit.stamp = stamp_;
    commit.proposed = with_.clock.Now();
    for (JointPart& part : parts_) {
      if (absl::Status fault = Plan(part, commit); !fault.ok()) return Finish(std::move(fault));
    }
    if (commit.events.empty()) return Finish(std::nullopt);
    stamp::CompleteStamp(commit);
    with_.log.Propose(std::move(commit),
                      [self = shared_from_this()](absl::StatusOr<CommitReceipt> outcome) {
                        self->OnOutcome(std::move(outcome));
                      });
  }

  // A stream to which nothing is written is checked all the same: the other plans rest on it.
  absl::Status Plan(JointPart& part, Commit& commit) {
    if (stale_) {
      if (absl::Status seen = part.stream->CatchUp(); !seen.ok()) return seen;
    }
    auto planned = part.plan();
    if (!planned.ok()) return planned.status();
    const uint64_t next = part.stream->FoldedCount();
    const auto index = static_cast<uint32_t>(commit.streams.size());
    commit.streams.push_back({part.stream->name(), next == 0
                                                       ? ExpectedRevision::NoStream()
                                                       : ExpectedRevision::Exactly(next - 1)});
    for (GovernanceStream::NewEvent& event : *planned) {
      CommitEvent entry;
      entry.stream_index = index;
      entry.event.id = DeriveEventId(commit.id, static_cast<uint32_t>(commit.events.size()));
      entry.event.type = std::move(event.type);
      entry.event.content_type = std::string(kJsonContentType);
      entry.event.data = std::move(event.data);
      commit.events.push_back(std::move(entry));
    }
    return absl::OkStatus();
  }

  void OnOutcome(absl::StatusOr<CommitReceipt> outcome) {
    if (outcome.ok()) {
      Settle(*outcome);
      return Finish(std::optional<CommitReceipt>(*std::move(outcome)));
    }
    const ErrorReason reason = ReasonOf(outcome.status());
    stale_ = reason == ErrorReason::kRevisionConflict || reason == ErrorReason::kOutcomeUnknown;
    if (reason == ErrorReason::kOutcomeUnknown) {
      for (JointPart& part : parts_) part.stream->Distrust();
    }
    if (reason != ErrorReason::kRevisionConflict) return Finish(outcome.status());
    if (++attempts_ >= kAttemptsMax) {
      return Finish(MakeError(ErrorReason::kOverloaded, "other writers keep changing the rules"));
    }
    // Reading the streams is nothing for a thread of the log.
    with_.executor.RunAfter(absl::ZeroDuration(), [self = shared_from_this()] { self->Attempt(); });
  }

  void Settle(const CommitReceipt& receipt) {
    Position position = receipt.first;
    for (size_t i = 0; i < parts_.size(); ++i) {
      const StreamOutcome& stream = receipt.streams[i];
      if (stream.events == 0) continue;
      parts_[i].stream->Settle(stream.first, stream.events,
                               [&] { parts_[i].apply(stream.first, position, receipt.recorded); });
      position = Position(position.value + stream.events);
    }
  }

  void Finish(JointOutcome outcome) {
    // The turns hold this too, and the last of them may be the last.
    const auto self = shared_from_this();
    for (size_t i = held_; i > 0; --i) parts_[order_[i - 1]].stream->Release();
    held_ = 0;
    done_(std::move(outcome));
  }

  const JointCommitParts with_;
  std::vector<JointPart> parts_;
  const AdmissionStamp stamp_;
  absl::AnyInvocable<void(JointOutcome)> done_;
  std::vector<size_t> order_;  // in which turns are taken
  size_t held_ = 0;            // of these
  bool stale_ = false;
  int attempts_ = 0;
};

}  // namespace

void CommitTogether(const JointCommitParts& with, std::vector<JointPart> parts,
                    AdmissionStamp stamp, absl::AnyInvocable<void(JointOutcome)> done) {
  std::make_shared<JointCommit>(with, std::move(parts), std::move(stamp), std::move(done))->Begin();
}

}  // namespace nexus::governance
