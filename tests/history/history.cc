#include "history/history.h"

#include <iterator>
#include <utility>

#include "nexus/core/status_macros.h"

namespace nexus::history {
namespace {

template <typename T>
void MoveAll(std::vector<T>& from, std::vector<T>& to) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

// FNV-1a, with the size of each part in it.
class Digest {
 public:
  void Add(absl::string_view part) {
    const uint64_t size = part.size();
    AddBytes({reinterpret_cast<const char*>(&size), sizeof(size)});
    AddBytes(part);
  }
  uint64_t value() const { return value_; }

 private:
  void AddBytes(absl::string_view bytes) {
    for (const char c : bytes) value_ = (value_ ^ static_cast<uint8_t>(c)) * 0x100000001B3u;
  }
  uint64_t value_ = 0xCBF29CE484222325u;
};

uint64_t DigestOfEvent(const RecordedEvent& event) {
  return DigestOf(event.stream, event.id, event.type, event.tags, event.data);
}

bool IsUnknown(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kUnspecified:
    case ErrorReason::kOutcomeUnknown:
    case ErrorReason::kDeadlineExceeded:
    case ErrorReason::kCancelled:
    case ErrorReason::kInternal:
    case ErrorReason::kDataLoss:
      return true;
    default:
      return false;
  }
}

}  // namespace

void History::Add(Journal journal) {
  MoveAll(journal.appends, calls.appends);
  MoveAll(journal.reads, calls.reads);
  MoveAll(journal.sessions, calls.sessions);
}

uint64_t DigestOf(absl::string_view stream, const EventId& id, absl::string_view type,
                  const std::vector<absl::string_view>& tags, absl::string_view data) {
  Digest digest;
  digest.Add(stream);
  digest.Add(id.AsBytes());
  digest.Add(type);
  for (const absl::string_view tag : tags) digest.Add(tag);
  digest.Add(data);
  return digest.value();
}

SeenEvent Seen(const RecordedEvent& event) {
  return {event.position.value, event.revision.value, DigestOfEvent(event)};
}

LoggedEvent Logged(const RecordedEvent& event) {
  LoggedEvent logged;
  logged.position = event.position.value;
  logged.revision = event.revision.value;
  logged.stream = std::string(event.stream);
  logged.id = event.id;
  logged.commit = event.commit_id;
  logged.type = std::string(event.type);
  for (const absl::string_view tag : event.tags) logged.tags.emplace_back(tag);
  logged.correlation = std::string(event.correlation_id);
  logged.recorded = event.recorded;
  logged.digest = DigestOfEvent(event);
  return logged;
}

AppendCall Begin(uint32_t client, Tick invoked, const Commit& commit) {
  AppendCall call;
  call.client = client;
  call.invoked = invoked;
  call.commit = commit.id;
  call.streams = commit.streams;
  call.conditions = commit.conditions;
  for (const CommitEvent& entry : commit.events) {
    const Event& event = entry.event;
    const std::vector<absl::string_view> tags(event.tags.begin(), event.tags.end());
    call.events.push_back({entry.stream_index, event.id,
                           DigestOf(commit.streams[entry.stream_index].name.str(), event.id,
                                    event.type, tags, event.data)});
  }
  return call;
}

void Answer(AppendCall& call, Tick returned, const absl::StatusOr<CommitReceipt>& verdict) {
  call.returned = returned;
  if (verdict.ok()) {
    call.outcome = Outcome::kStored;
    call.receipt = *verdict;
    return;
  }
  ErrorDetails details = DetailsOf(verdict.status());
  call.reason = details.reason;
  call.outcome = IsUnknown(details.reason) ? Outcome::kUnknown : Outcome::kRefused;
  call.failed_expectations = std::move(details.failed_expectations);
  call.failed_conditions = std::move(details.failed_conditions);
  call.taken_event_ids = std::move(details.taken_event_ids);
}

absl::StatusOr<std::vector<LoggedEvent>> ReadLog(EventReader& reader) {
  std::vector<LoggedEvent> log;
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(const EventBatch page,
                           reader.ReadAll(Position(log.size() + 1), Direction::kForward, {}));
    for (const RecordedEvent& event : page.events) log.push_back(Logged(event));
    if (page.end || page.events.empty()) return log;
  }
}

}  // namespace nexus::history
