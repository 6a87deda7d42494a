#include "golden/golden_log.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/rocks_log.h"

namespace nexus::golden {
namespace {

constexpr uint64_t kCommits = 60;
constexpr int64_t kBegin = 1'700'000'000'000'000;
constexpr PageLimits kPage{.events_max = 1'000, .bytes_max = 1 << 20};

absl::StatusOr<std::unique_ptr<storage::RocksLog>> OpenLog(const std::string& folder,
                                                           MetricsRegistry& metrics) {
  storage::RocksLogOptions options(folder, metrics);
  options.disk_reserve = {.free_bytes_min = 1, .stop_bytes_min = 1};
  options.memtable_bytes = 32 << 10;
  return storage::RocksLog::Open(options);
}

Event MakeEvent(const CommitId& commit, uint64_t number, uint32_t index) {
  Event event;
  event.id = DeriveEventId(commit, index);
  event.type = number % 3 == 0 ? "Bestätigt" : "OrderPlaced";
  event.schema_version = static_cast<uint32_t>(number % 5);
  event.content_type = number % 2 == 0 ? std::string(kJsonContentType) : "application/protobuf";
  event.data = std::string((number * 131 + index) % 900, static_cast<char>('A' + number % 26));
  if (number % 7 == 0) event.data = std::string("\0\xff binary", 9);
  if (number % 2 == 0) event.tags = {"eu", absl::StrCat("tag-", number % 4)};
  if (number % 4 == 0) event.metadata = {{"k", "v"}, {"ключ", "значение"}};
  if (number % 5 == 0) event.routing = {Criticality::kHigh, 0.25, true, 250};
  event.correlation_id = absl::StrCat("correlation-", number % 6);
  if (index > 0) event.causation_id = DeriveEventId(commit, index - 1).ToString();
  if (number % 3 == 1) {
    event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    event.tracestate = "vendor=value";
  }
  return event;
}

// The first ones create their streams by name; later ones say what they expect in every way.
Commit MakeCommit(uint64_t number) {
  Commit commit;
  commit.id.bytes = {0x01, 0x8c};
  commit.id.bytes[14] = static_cast<uint8_t>(number >> 8);
  commit.id.bytes[15] = static_cast<uint8_t>(number);
  commit.stamp = {"alice", absl::StrCat("decision-", number), "policy-3", number / 10};
  // Since format 2 of a record.
  if (number % 3 != 0) commit.stamp.method = number % 3 == 1 ? "jwt" : "api-token";
  if (number % 2 == 0) commit.stamp.request_digest = {0x80, static_cast<uint8_t>(number)};
  if (number % 5 == 0) commit.stamp.input_digest = {0xff, 0, static_cast<uint8_t>(number)};
  if (number % 11 == 0) commit.stamp.outcomes = "warn:a\nshadow:b";
  commit.proposed = Timestamp{kBegin + static_cast<int64_t>(number) * 1'000};
  const auto stream = [&](const std::string& name, ExpectedRevision expected) {
    commit.streams.push_back({StreamName::Literal(name), expected});
    return static_cast<uint32_t>(commit.streams.size() - 1);
  };
  const uint32_t order =
      stream(absl::StrCat("order-", number % 4),
             number <= 4 ? ExpectedRevision::NoStream() : ExpectedRevision::StreamExists());
  const uint32_t inbox = stream("inbox", ExpectedRevision::Any());
  if (number == 9) stream("nothing", ExpectedRevision::NoStream());
  if (number == 10) stream("$notes", ExpectedRevision::Any());
  for (uint32_t i = 0; i < 1 + number % 3; ++i) {
    commit.events.push_back({i % 2 == 0 ? order : inbox, MakeEvent(commit.id, number, i)});
  }
  if (number == 10) commit.events.push_back({2, MakeEvent(commit.id, number, 9)});
  return commit;
}

absl::StatusOr<CommitReceipt> Propose(LogBackend& log, Commit commit) {
  absl::Notification answered;
  absl::StatusOr<CommitReceipt> answer;
  log.Propose(std::move(commit), [&](absl::StatusOr<CommitReceipt> given) {
    answer = std::move(given);
    answered.Notify();
  });
  answered.WaitForNotification();
  return answer;
}

std::string Hex(absl::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    const bool plain = byte > ' ' && byte < 0x7f && byte != '%';
    if (plain) {
      text.push_back(byte);
    } else {
      absl::StrAppend(&text, "%", absl::Hex(static_cast<uint8_t>(byte), absl::kZeroPad2));
    }
  }
  return text.empty() ? "-" : text;
}

std::string Line(const RecordedEvent& e) {
  std::vector<std::string> metadata;
  for (const auto& [key, value] : e.metadata) {
    metadata.push_back(absl::StrCat(Hex(key), "=", Hex(value)));
  }
  std::vector<std::string> tags;
  for (const absl::string_view tag : e.tags) tags.push_back(Hex(tag));
  std::string line = absl::StrCat(e.position.value, " ", Hex(e.stream), "@", e.revision.value, " ",
                                  e.recorded.micros, " ", e.commit_id.ToString(), " ");
  absl::StrAppend(&line, e.id.ToString(), " ", Hex(e.type), " v", e.schema_version, " ",
                  Hex(e.content_type), " [", absl::StrJoin(tags, ","), "] ");
  absl::StrAppend(&line, "{", absl::StrJoin(metadata, ","), "} ",
                  static_cast<int>(e.routing.criticality), "/", e.routing.business_impact, "/");
  absl::StrAppend(&line, e.routing.requires_ordering ? 1 : 0, "/", e.routing.max_latency_ms, " ",
                  Hex(e.correlation_id), " ", Hex(e.causation_id), " ");
  absl::StrAppend(&line, Hex(e.traceparent), " ", Hex(e.tracestate), " ", Hex(e.principal), " ",
                  Hex(e.decision_id), " ");
  absl::StrAppend(&line, Hex(e.policy_revision), " ", e.governance_epoch, " ", Hex(e.data));
  // An event of format 1 has none of these.
  if (!e.method.empty()) absl::StrAppend(&line, " method ", Hex(e.method));
  if (!e.request_digest.empty()) absl::StrAppend(&line, " request ", Hex(e.request_digest));
  if (!e.input_digest.empty()) absl::StrAppend(&line, " input ", Hex(e.input_digest));
  if (!e.outcomes.empty()) absl::StrAppend(&line, " outcomes ", Hex(e.outcomes));
  return line + "\n";
}

absl::Status DumpAll(EventReader& log, Direction direction, std::string& text) {
  absl::StrAppend(&text, direction == Direction::kForward ? "== forwards\n" : "== backwards\n");
  uint64_t from = direction == Direction::kForward ? 1 : log.Head().value;
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(const EventBatch page, log.ReadAll(Position(from), direction, kPage));
    for (const RecordedEvent& event : page.events) {
      // Backwards the order is what is looked at.
      if (direction == Direction::kForward) text += Line(event);
      if (direction == Direction::kBackward) absl::StrAppend(&text, event.position.value, "\n");
      from = event.position.value + (direction == Direction::kForward ? 1 : -1);
    }
    if (page.end) return absl::OkStatus();
  }
}

absl::Status DumpStreams(EventReader& log, std::string& text) {
  StreamQuery query;
  query.include_system = true;
  NEXUS_ASSIGN_OR_RETURN(const StreamPage page, log.ListStreams(query));
  for (const StreamInfo& info : page.streams) {
    absl::StrAppend(&text, "== stream ", info.name, " ", info.last_revision.value, " ",
                    info.first_position.value, " ", info.last_position.value, " ");
    absl::StrAppend(&text, info.created.micros, " ", info.updated.micros, "\n");
    NEXUS_ASSIGN_OR_RETURN(
        const EventBatch events,
        log.ReadStream(StreamName::Literal(info.name), Revision(0), Direction::kForward, kPage));
    for (const RecordedEvent& event : events.events) {
      absl::StrAppend(&text, event.revision.value, " at ", event.position.value, "\n");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Make(const std::string& data_folder) {
  fake::RecordingMetrics metrics;
  for (uint64_t number = 1; number <= kCommits;) {
    // Opened three times: what a start writes is in it too.
    NEXUS_ASSIGN_OR_RETURN(const auto log, OpenLog(data_folder, metrics));
    const uint64_t end = number + kCommits / 3;
    for (; number < end; ++number) {
      NEXUS_RETURN_IF_ERROR(Propose(*log, MakeCommit(number)).status());
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> Dump(const std::string& data_folder) {
  fake::RecordingMetrics metrics;
  NEXUS_ASSIGN_OR_RETURN(const auto log, OpenLog(data_folder, metrics));
  std::string text =
      absl::StrCat("head ", log->Head().value, ", incarnation ", log->incarnation(), "\n");
  NEXUS_RETURN_IF_ERROR(DumpAll(*log, Direction::kForward, text));
  NEXUS_RETURN_IF_ERROR(DumpAll(*log, Direction::kBackward, text));
  NEXUS_RETURN_IF_ERROR(DumpStreams(*log, text));
  absl::StrAppend(&text, "== repeats\n");
  for (uint64_t number = 1; number <= kCommits; ++number) {
    NEXUS_ASSIGN_OR_RETURN(const CommitReceipt receipt, Propose(*log, MakeCommit(number)));
    absl::StrAppend(&text, number, " ", receipt.repeated ? "repeated " : "NEW ",
                    receipt.first.value, " to ", receipt.last.value, "\n");
  }
  return text;
}

}  // namespace nexus::golden
