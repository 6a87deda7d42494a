#include "log/apply.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "log/verdict.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::log {
namespace {

// The state before the group, with the group's accepted commits on top.
class GroupApplier {
 public:
  GroupApplier(const LogTip& tip, LogState& state, absl::Span<const Commit* const> group)
      : state_(state), group_(group) {
    result_.tip = tip;
    result_.verdicts.reserve(group.size());
  }

  AppliedGroup Run() {
    for (size_t i = 0; i < group_.size(); ++i) result_.verdicts.push_back(Decide(i));
    return std::move(result_);
  }

 private:
  using Heads = std::vector<std::optional<StreamHead>>;
  using IdKey = std::pair<uint32_t, CommitId>;

  absl::StatusOr<CommitReceipt> Decide(size_t index) {
    const Commit& commit = *group_[index];
    NEXUS_ASSIGN_OR_RETURN(std::optional<CommitReceipt> known, FindKnown(commit));
    if (known.has_value()) return *std::move(known);
    NEXUS_ASSIGN_OR_RETURN(Heads heads, FindHeads(commit));
    NEXUS_RETURN_IF_ERROR(CheckExpectations(commit, heads));
    return Accept(index, heads);
  }

  absl::StatusOr<std::optional<CommitReceipt>> FindKnown(const Commit& commit) {
    if (const auto it = ids_.find(IdKey(commit.tenant, commit.id)); it != ids_.end()) {
      return RepeatReceipt(commit, *group_[it->second], *result_.verdicts[it->second]);
    }
    NEXUS_ASSIGN_OR_RETURN(const std::optional<StoredCommit> stored,
                           state_.FindCommit(commit.tenant, commit.id));
    if (!stored.has_value()) return std::optional<CommitReceipt>();
    return RepeatReceipt(commit, stored->commit, stored->receipt);
  }

  absl::StatusOr<Heads> FindHeads(const Commit& commit) {
    Heads heads;
    heads.reserve(commit.streams.size());
    for (const CommitStream& stream : commit.streams) {
      const auto it = moved_.find(std::make_pair(commit.tenant, stream.name.str()));
      if (it != moved_.end()) {
        heads.push_back(result_.moved[it->second].head);
        continue;
      }
      NEXUS_ASSIGN_OR_RETURN(std::optional<StreamHead> head,
                             state_.FindStream(commit.tenant, stream.name.str()));
      heads.push_back(head);
    }
    return heads;
  }

  static absl::Status CheckExpectations(const Commit& commit, const Heads& heads) {
    std::vector<FailedExpectation> failed;
    for (size_t i = 0; i < heads.size(); ++i) {
      std::optional<Revision> last;
      if (heads[i].has_value()) last = heads[i]->last_revision;
      const CommitStream& stream = commit.streams[i];
      if (stream.expected.Holds(last)) continue;
      failed.push_back({stream.name.str(), stream.expected, last});
    }
    if (failed.empty()) return absl::OkStatus();
    return RevisionConflict(std::move(failed));
  }

  CommitReceipt Accept(size_t index, const Heads& heads) {
    const Commit& commit = *group_[index];
    CommitReceipt receipt;
    receipt.id = commit.id;
    receipt.first = result_.tip.head.Next();
    receipt.last = result_.tip.head.Plus(commit.events.size());
    receipt.recorded = std::max(result_.tip.last_recorded, commit.proposed);
    AcceptedCommit accepted;
    accepted.index = index;
    accepted.stream_numbers.resize(commit.streams.size());
    std::vector<StreamSpan> spans = SpansOf(commit, receipt.first);
    for (size_t i = 0; i < commit.streams.size(); ++i) {
      receipt.streams.push_back({commit.streams[i].name, Revision(), Revision(), spans[i].events});
      if (spans[i].events == 0) continue;
      const StreamHead head = Extend(heads[i], spans[i], receipt.recorded);
      receipt.streams[i].last = head.last_revision;
      receipt.streams[i].first = Revision(head.last_revision.value + 1 - spans[i].events);
      accepted.stream_numbers[i] = head.first_position;
      Move(commit.tenant, commit.streams[i].name.str(), head);
    }
    result_.tip = {receipt.last, receipt.recorded};
    result_.accepted.push_back(std::move(accepted));
    ids_.emplace(IdKey(commit.tenant, commit.id), index);
    return receipt;
  }

  // The events of one stream in one commit.
  struct StreamSpan {
    uint32_t events = 0;
    Position first;
    Position last;
  };

  static std::vector<StreamSpan> SpansOf(const Commit& commit, Position first) {
    std::vector<StreamSpan> spans(commit.streams.size());
    for (size_t i = 0; i < commit.events.size(); ++i) {
      StreamSpan& span = spans[commit.events[i].stream_index];
      span.last = first.Plus(i);
      if (span.events++ == 0) span.first = span.last;
    }
    return spans;
  }

  static StreamHead Extend(const std::optional<StreamHead>& before, const StreamSpan& span,
                           Timestamp recorded) {
    StreamHead head;
    if (before.has_value()) {
      head = *before;
      head.last_revision = before->last_revision.Plus(span.events);
    } else {
      head.last_revision = Revision(span.events - 1);
      head.first_position = span.first;
      head.created = recorded;
    }
    head.last_position = span.last;
    head.updated = recorded;
    return head;
  }

  void Move(uint32_t tenant, const std::string& name, const StreamHead& head) {
    const auto [it, added] = moved_.try_emplace(std::make_pair(tenant, name), result_.moved.size());
    if (added) {
      result_.moved.push_back({tenant, name, head});
    } else {
      result_.moved[it->second].head = head;
    }
  }

  LogState& state_;
  const absl::Span<const Commit* const> group_;
  AppliedGroup result_;
  absl::flat_hash_map<IdKey, size_t> ids_;  // accepted in this group -> index
  absl::flat_hash_map<std::pair<uint32_t, std::string>, size_t> moved_;  // -> index in moved
};

}  // namespace

AppliedGroup Apply(const LogTip& tip, LogState& state, absl::Span<const Commit* const> group) {
  return GroupApplier(tip, state, group).Run();
}

}  // namespace nexus::log
