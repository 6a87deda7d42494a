#include "route/log_dead_letters.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"
#include "stamp/server_stamp.h"

namespace nexus::route {
namespace {

constexpr size_t kErrorBytesMax = 1'000;

uint64_t Fnv1a(absl::string_view text, uint64_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

// The same sink and position give the same commit, so that a retry after a crash writes it once.
CommitId CommitIdOf(const DeadLetter& letter) {
  const std::string key =
      absl::StrCat("dead-letter/", letter.sink, "/", letter.event.event->position.value);
  const uint64_t halves[2] = {Fnv1a(key, 0xcbf29ce484222325), Fnv1a(key, 0x6c62272e07bb0142)};
  CommitId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<uint8_t>(halves[i / 8] >> (8 * (i % 8)));
  }
  id.bytes[6] = static_cast<uint8_t>((id.bytes[6] & 0x0f) | 0x80);  // version 8, RFC 9562: ours
  id.bytes[8] = static_cast<uint8_t>((id.bytes[8] & 0x3f) | 0x80);
  return id;
}

// A vendor's message may hold anything.
std::string CleanError(absl::string_view error) {
  std::string clean(error.substr(0, kErrorBytesMax));
  if (const auto bad = FindInvalidUtf8(clean)) clean.resize(*bad);
  return clean;
}

std::string DataOf(const DeadLetter& letter) {
  const RecordedEvent& event = *letter.event.event;
  std::string data = "{\"sink\":";
  AppendJsonString(data, letter.sink);
  data += ",\"stream\":";
  AppendJsonString(data, event.stream);
  absl::StrAppend(&data, ",\"revision\":", event.revision.value,
                  ",\"position\":", event.position.value, ",\"event_id\":\"", event.id.ToString(),
                  "\",\"type\":");
  AppendJsonString(data, event.type);
  absl::StrAppend(&data, ",\"attempts\":", letter.attempts, ",\"error\":");
  AppendJsonString(data, CleanError(letter.error));
  data += '}';
  return data;
}

std::string SinkTag(absl::string_view sink) { return absl::StrCat("sink:", sink); }
constexpr absl::string_view kStreamKey = "stream";

Commit CommitOf(const DeadLetter& letter, Timestamp now) {
  Commit commit;
  commit.id = CommitIdOf(letter);
  commit.stamp.principal = "$router";
  commit.streams.push_back({StreamName::Literal(kDeadLetterStream), ExpectedRevision::Any()});
  commit.proposed = now;
  Event event;
  event.id = DeriveEventId(commit.id, 0);
  event.type = std::string(kDeadLetterType);
  event.content_type = std::string(kJsonContentType);
  event.data = DataOf(letter);
  event.tags = {SinkTag(letter.sink)};
  event.metadata = {{std::string(kStreamKey), std::string(letter.event.event->stream)}};
  event.correlation_id = std::string(letter.event.event->correlation_id);
  event.causation_id = letter.event.event->id.ToString();
  commit.events.push_back({0, std::move(event)});
  stamp::CompleteStamp(commit);
  return commit;
}

void CollectStreams(const EventBatch& page, absl::string_view sink, std::set<std::string>& found) {
  const std::string tag = SinkTag(sink);
  for (const RecordedEvent& event : page.events) {
    if (std::find(event.tags.begin(), event.tags.end(), tag) == event.tags.end()) continue;
    for (const auto& [key, value] : event.metadata) {
      if (key == kStreamKey) found.insert(std::string(value));
    }
  }
}

}  // namespace

void LogDeadLetters::Write(DeadLetter letter, Written written) {
  backend_.Propose(CommitOf(letter, clock_.Now()),
                   [written = std::move(written)](absl::StatusOr<CommitReceipt> receipt) mutable {
                     // Reused: an earlier run wrote it down with another error text.
                     if (receipt.ok() || ReasonOf(receipt.status()) == ErrorReason::kIdReused) {
                       written(absl::OkStatus());
                     } else {
                       written(receipt.status());
                     }
                   });
}

absl::StatusOr<std::vector<std::string>> LogDeadLetters::ParkedStreams(absl::string_view sink) {
  const StreamName stream = StreamName::Literal(kDeadLetterStream);
  std::set<std::string> found;
  Revision next;
  while (true) {
    absl::StatusOr<EventBatch> page =
        reader_.ReadStream(stream, next, Direction::kForward, PageLimits());
    if (ReasonOf(page.status()) == ErrorReason::kStreamNotFound) break;
    if (!page.ok()) return page.status();
    CollectStreams(*page, sink, found);
    if (page->events.empty() || page->end) break;
    next = page->events.back().revision.Next();
  }
  return std::vector<std::string>(found.begin(), found.end());
}

}  // namespace nexus::route
