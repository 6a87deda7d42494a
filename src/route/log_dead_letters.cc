#include "route/log_dead_letters.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "follow/submit_soon.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/lane_book.h"
#include "stamp/server_stamp.h"

namespace nexus::route {
namespace {

uint64_t Fnv1a(absl::string_view text, uint64_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// The same key gives the same commit, so that a retry after a crash writes it once.
CommitId CommitIdOf(absl::string_view key) {
  const uint64_t halves[2] = {Fnv1a(key, 0xcbf29ce484222325), Fnv1a(key, 0x6c62272e07bb0142)};
  CommitId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<uint8_t>(halves[i / 8] >> (8 * (i % 8)));
  }
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x80);  // version 8, RFC 9562: ours
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

Commit CommitTo(CommitId id, AdmissionStamp stamp, Timestamp now) {
  Commit commit;
  commit.id = id;
  commit.stamp = std::move(stamp);
  commit.streams.push_back({StreamName::Literal(kDeadLetterStream), ExpectedRevision::Any()});
  commit.proposed = now;
  return commit;
}

// `round` tells a letter from an earlier one for the same event, which somebody had tried again.
Commit CommitOf(const DeadLetter& letter, const std::string& round, Timestamp now) {
  AdmissionStamp stamp;
  stamp.principal = "$router";
  const RecordedEvent& of = *letter.event.event;
  Commit commit = CommitTo(
      CommitIdOf(absl::StrCat("dead-letter/", letter.route, "/", of.position.value, round)),
      std::move(stamp), now);
  Event event;
  event.id = DeriveEventId(commit.id, 0);
  event.type = std::string(kDeadLetterType);
  event.content_type = std::string(kJsonContentType);
  event.data = EncodeLetter(letter);
  event.tags = {absl::StrCat("route:", letter.route), absl::StrCat("sink:", letter.sink)};
  event.metadata = {{"stream", std::string(of.stream)}};
  event.correlation_id = std::string(of.correlation_id);
  event.causation_id = of.id.ToString();
  commit.events.push_back({0, std::move(event)});
  stamp::CompleteStamp(commit);
  return commit;
}

absl::Status NotOpen(uint64_t id) {
  return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no open dead letter ", id));
}

}  // namespace

absl::Status LogDeadLetters::Sync() {
  const Revision before = next_;
  const absl::Status read = ReadOn();
  if (next_ != before) ShowDepths();
  return read;
}

void LogDeadLetters::ShowDepths() {
  std::map<std::string, size_t> depths;
  for (const auto& [id, letter] : state_.letters()) ++depths[letter.route];
  for (auto& [route, gauge] : depths_) gauge->Set(0);
  for (const auto& [route, depth] : depths) {
    Gauge*& gauge = depths_[route];
    if (gauge == nullptr) {
      gauge = &parts_.metrics.GetGauge("nexus_dlq_events", "Dead letters that are open.",
                                       {{"route", route}});
    }
    gauge->Set(static_cast<double>(depth));
  }
}

absl::Status LogDeadLetters::ReadOn() {
  const StreamName stream = StreamName::Literal(kDeadLetterStream);
  while (true) {
    absl::StatusOr<EventBatch> page =
        parts_.reader.ReadStream(stream, next_, Direction::kForward, PageLimits());
    if (ReasonOf(page.status()) == ErrorReason::kStreamNotFound) return absl::OkStatus();
    if (!page.ok()) return page.status();
    for (const RecordedEvent& event : page->events) {
      NEXUS_RETURN_IF_ERROR(state_.Apply(event, parts_.json));
      next_ = event.revision.Next();
    }
    if (page->events.empty() || page->end) return absl::OkStatus();
  }
}

void LogDeadLetters::Write(DeadLetter letter, Written written) {
  std::string round;
  bool full = false;
  {
    absl::MutexLock lock(&mutex_);
    full = state_.letters().size() >= kOpenMax;
    for (const std::string& lane :
         {std::string(letter.event.event->stream),
          LaneBook::LaneOfOne(letter.event.event->stream, letter.event.event->revision)}) {
      const Letter* before = state_.FindLane(letter.route, lane);
      if (before != nullptr && before->retrying) round = absl::StrCat("/after-", before->id);
    }
  }
  if (full) {
    return written(MakeError(ErrorReason::kOverloaded,
                             absl::StrCat(kOpenMax, " dead letters are open already")));
  }
  parts_.backend.Propose(
      CommitOf(letter, round, parts_.clock.Now()),
      [this, written = std::move(written)](absl::StatusOr<CommitReceipt> receipt) mutable {
        // Reused: an earlier run wrote it down with another error text.
        const bool there = receipt.ok() || ReasonOf(receipt.status()) == ErrorReason::kIdReused;
        if (there) {
          follow::SubmitSoon(parts_.executor, [this] {
            absl::MutexLock lock(&mutex_);
            Sync().IgnoreError();  // whoever asks reads it again
          });
        }
        written(there ? absl::OkStatus() : receipt.status());
      });
}

absl::StatusOr<std::vector<OpenLane>> LogDeadLetters::Open(absl::string_view route,
                                                           absl::string_view sink) {
  absl::MutexLock lock(&mutex_);
  NEXUS_RETURN_IF_ERROR(Sync());
  state_.Rename(sink, route);
  std::vector<OpenLane> lanes;
  for (const auto& [id, letter] : state_.letters()) {
    if (letter.route != route) continue;
    lanes.push_back({letter.stream, letter.revision, letter.position,
                     letter.fate == LetterFate::kParked, letter.retrying, letter.retry_from});
  }
  return lanes;
}

void LogDeadLetters::Recovered(absl::string_view route, absl::string_view lane, Written written) {
  LetterAction action{.kind = LetterAction::Kind::kRecovered};
  bool open = false;
  {
    absl::MutexLock lock(&mutex_);
    if (const Letter* letter = state_.FindLane(route, lane)) {
      action.letter = letter->id;
      open = true;
    }
  }
  if (!open) return written(absl::OkStatus());
  AdmissionStamp stamp;
  stamp.principal = "$router";
  Commit commit = ActionCommit(CommitIdOf(absl::StrCat("dead-letter-recovered/", action.letter)),
                               action, std::move(stamp));
  parts_.backend.Propose(std::move(commit), [this, written = std::move(written)](
                                                absl::StatusOr<CommitReceipt> receipt) mutable {
    if (receipt.ok()) {
      follow::SubmitSoon(parts_.executor, [this] {
        absl::MutexLock lock(&mutex_);
        Sync().IgnoreError();
      });
    }
    written(receipt.status());
  });
}

absl::StatusOr<std::vector<Letter>> LogDeadLetters::List() {
  absl::MutexLock lock(&mutex_);
  NEXUS_RETURN_IF_ERROR(Sync());
  std::vector<Letter> letters;
  for (const auto& [id, letter] : state_.letters()) letters.push_back(letter);
  return letters;
}

absl::StatusOr<Letter> LogDeadLetters::Find(uint64_t id) {
  absl::MutexLock lock(&mutex_);
  NEXUS_RETURN_IF_ERROR(Sync());
  const Letter* letter = state_.Find(id);
  if (letter == nullptr) return NotOpen(id);
  return *letter;
}

Commit LogDeadLetters::ActionCommit(CommitId id, const LetterAction& action, AdmissionStamp stamp) {
  Commit commit = CommitTo(id, std::move(stamp), parts_.clock.Now());
  Event event;
  event.id = DeriveEventId(commit.id, 0);
  event.type = std::string(TypeOf(action.kind));
  event.content_type = std::string(kJsonContentType);
  event.data = EncodeLetterAction(action);
  event.correlation_id = commit.id.ToString();
  commit.events.push_back({0, std::move(event)});
  stamp::CompleteStamp(commit);
  return commit;
}

void LogDeadLetters::Decide(LetterAction action, AdmissionStamp stamp, Decided decided) {
  // Reading takes a worker.
  auto work = std::make_shared<Decided>(std::move(decided));
  const bool taken = parts_.executor.TrySubmit(
      [this, action = std::move(action), stamp = std::move(stamp), work]() mutable {
        CheckAndPropose(std::move(action), std::move(stamp), std::move(*work));
      });
  if (!taken) (*work)(MakeError(ErrorReason::kOverloaded, "the workers are busy"));
}

void LogDeadLetters::CheckAndPropose(LetterAction action, AdmissionStamp stamp, Decided decided) {
  absl::StatusOr<Letter> letter = Find(action.letter);
  if (!letter.ok()) return decided(letter.status());
  // What is said twice is done once.
  const bool skip = action.kind == LetterAction::Kind::kSkipped;
  if (letter->retrying && letter->skipped == skip) return decided(*std::move(letter));
  auto done = std::make_shared<Decided>(std::move(decided));
  parts_.backend.Propose(
      ActionCommit(CommitId{parts_.ids.NewUuid()}, action, std::move(stamp)),
      [this, before = *std::move(letter), done](absl::StatusOr<CommitReceipt> receipt) mutable {
        if (!receipt.ok()) return (*done)(receipt.status());
        follow::SubmitSoon(parts_.executor,
                           [this, before, done] { Tell(before.id, before, std::move(*done)); });
      });
}

void LogDeadLetters::Tell(uint64_t id, const Letter& before, Decided decided) {
  Letter letter = before;
  absl::Status synced;
  {
    absl::MutexLock lock(&mutex_);
    synced = Sync();
    if (const Letter* now = state_.Find(id)) letter = *now;
  }
  if (!synced.ok()) return decided(synced);
  if (listener_ && letter.retrying) listener_(letter);
  decided(std::move(letter));
}

}  // namespace nexus::route
