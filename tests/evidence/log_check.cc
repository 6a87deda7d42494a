#include "evidence/log_check.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "evidence/workload.h"
#include "nexus/core/errors.h"

namespace nexus::evidence {
namespace {

constexpr PageLimits kPage{.events_max = 64, .bytes_max = 1 << 20};

// One event as the log has it; owns its bytes.
struct Read {
  uint64_t position = 0;
  uint64_t revision = 0;
  int64_t recorded = 0;
  uint64_t commit = 0;
  EventId id;
  std::string stream;
  std::string type;
  std::string data;
  std::string correlation;
  std::string tags;

  friend bool operator==(const Read&, const Read&) = default;
};

Read Copy(const RecordedEvent& event) {
  return {event.position.value,
          event.revision.value,
          event.recorded.micros,
          NumberOf(event.commit_id),
          event.id,
          std::string(event.stream),
          std::string(event.type),
          std::string(event.data),
          std::string(event.correlation_id),
          absl::StrJoin(event.tags, ",")};
}

template <typename ReadPage>
absl::StatusOr<std::vector<Read>> Pages(uint64_t from, Direction direction, ReadPage read) {
  std::vector<Read> events;
  while (true) {
    absl::StatusOr<EventBatch> page = read(from);
    if (!page.ok()) return page.status();
    for (const RecordedEvent& event : page->events) events.push_back(Copy(event));
    if (page->end) return events;
    // A page that is not the last and brings nothing would never end.
    if (page->events.empty()) return absl::InternalError("an empty page that is not the last");
    const Read& last = events.back();
    from = direction == Direction::kForward ? last.position + 1 : last.position - 1;
  }
}

absl::StatusOr<std::vector<Read>> ReadWhole(EventReader& reader, Direction direction) {
  const uint64_t from = direction == Direction::kForward ? 1 : reader.Head().value;
  return Pages(from, direction,
               [&](uint64_t at) { return reader.ReadAll(Position(at), direction, kPage); });
}

absl::StatusOr<std::vector<Read>> ReadOneStream(EventReader& reader, const std::string& name,
                                                Direction direction, uint64_t last) {
  const StreamName stream = StreamName::Literal(name);
  std::vector<Read> events;
  uint64_t from = direction == Direction::kForward ? 0 : last;
  while (true) {
    absl::StatusOr<EventBatch> page = reader.ReadStream(stream, Revision(from), direction, kPage);
    if (!page.ok()) return page.status();
    for (const RecordedEvent& event : page->events) events.push_back(Copy(event));
    if (page->end) return events;
    if (page->events.empty()) return absl::InternalError("an empty page that is not the last");
    from = events.back().revision + (direction == Direction::kForward ? 1 : -1);
  }
}

// Without the details, which print as bytes.
std::string Words(const absl::Status& status) {
  return absl::StrCat(ReasonName(ReasonOf(status)), ": ", std::string(status.message()));
}

class Checker {
 public:
  Checker(storage::RocksLog& log, Journal& journal) : log_(log), journal_(journal) {}

  void Run() {
    if (!ReadAndOrder()) return;
    CheckStreams();
    CheckCommits();
    if (journal_.head_seen > log_.Head().value) {
      Add("readers were shown head ", journal_.head_seen.load(), ", now it is ", log_.Head().value);
    }
    Settle();
    if (!ReadAndOrder()) return;
    CheckCommits();
  }

 private:
  template <typename... Parts>
  void Add(const Parts&... parts) {
    journal_.findings.Add(absl::StrCat(parts...));
  }

  bool ReadAndOrder() {
    absl::StatusOr<std::vector<Read>> forward = ReadWhole(log_, Direction::kForward);
    absl::StatusOr<std::vector<Read>> backward = ReadWhole(log_, Direction::kBackward);
    if (!forward.ok() || !backward.ok()) {
      Add("cannot read: ", Words((forward.ok() ? backward : forward).status()));
      return false;
    }
    events_ = *std::move(forward);
    if (events_ != std::vector<Read>(backward->rbegin(), backward->rend())) {
      Add("forwards and backwards differ");
    }
    std::map<std::string, uint64_t> next;
    int64_t recorded = 0;
    for (size_t i = 0; i < events_.size(); ++i) {
      const Read& event = events_[i];
      if (event.position != i + 1) Add("position ", i + 1, " holds ", event.position);
      const uint64_t revision = next[event.stream]++;
      if (event.revision != revision) {
        Add("position ", event.position, " has revision ", event.revision, " of ", event.stream,
            ", not ", revision);
      }
      if (event.recorded < recorded) Add("time runs backwards at ", event.position);
      recorded = event.recorded;
    }
    if (events_.size() != log_.Head().value) {
      Add("head ", log_.Head().value, ", but ", events_.size(), " events");
    }
    return true;
  }

  void CheckStreams() {
    std::map<std::string, std::vector<Read>> streams;
    for (const Read& event : events_) streams[event.stream].push_back(event);
    for (const auto& [name, expected] : streams) {
      const auto forward = ReadOneStream(log_, name, Direction::kForward, 0);
      if (!forward.ok()) Add("cannot read ", name, ": ", Words(forward.status()));
      if (forward.ok() && *forward != expected) Add(name, " forwards is not what the log has");
      const auto backward =
          ReadOneStream(log_, name, Direction::kBackward, expected.back().revision);
      if (!backward.ok()) Add("cannot read ", name, ": ", Words(backward.status()));
      if (backward.ok() && std::vector<Read>(backward->rbegin(), backward->rend()) != expected) {
        Add(name, " backwards is not what the log has");
      }
      const auto info = log_.GetStream(StreamName::Literal(name));
      if (!info.ok() || info->last_revision.value != expected.back().revision ||
          info->last_position.value != expected.back().position) {
        Add("the row of ", name, " is not what the log has");
      }
    }
  }

  void CheckCommits() {
    std::set<uint64_t> seen;
    for (size_t at = 0; at < events_.size();) {
      const uint64_t number = events_[at].commit;
      if (!seen.insert(number).second) Add("commit ", number, " is there twice");
      at += CheckCommit(number, at);
    }
    for (uint64_t number = 1; number <= journal_.called; ++number) {
      const JournalEntry& entry = journal_.of(number);
      if (entry.answer == Answer::kStored && seen.count(number) == 0) {
        Add("commit ", number, " was acknowledged at ", entry.first, " and is gone");
      }
    }
  }

  // Returns how many events to go on by.
  size_t CheckCommit(uint64_t number, size_t at) {
    if (number == 0 || number > journal_.called ||
        journal_.of(number).answer == Answer::kNotCalled ||
        journal_.of(number).answer == Answer::kRefused) {
      Add("commit ", number, " at ", at + 1, " should not be there");
      return 1;
    }
    const Commit commit = WorkloadCommit(number);
    const JournalEntry& entry = journal_.of(number);
    const bool stored = entry.answer == Answer::kStored;
    if (stored && entry.first != at + 1) {
      Add("commit ", number, " was acknowledged at ", entry.first, " and is at ", at + 1);
    }
    std::array<uint64_t, kStreamsPerCommit> counts{};
    for (size_t i = 0; i < commit.events.size(); ++i) {
      const CommitEvent& wanted = commit.events[i];
      if (at + i >= events_.size() || events_[at + i].commit != number) {
        Add("commit ", number, " is there in part: ", i, " of ", commit.events.size());
        return std::max<size_t>(i, 1);
      }
      const Read& found = events_[at + i];
      const bool same = found.id == wanted.event.id && found.type == wanted.event.type &&
                        found.data == wanted.event.data &&
                        found.correlation == wanted.event.correlation_id &&
                        found.stream == commit.streams[wanted.stream_index].name.str();
      if (!same) Add("event ", i, " of commit ", number, " is not what was written");
      const uint64_t revision =
          entry.revisions[wanted.stream_index] + counts[wanted.stream_index]++;
      if (stored && found.revision != revision) {
        Add("event ", i, " of commit ", number, " was acknowledged at revision ", revision);
      }
    }
    return commit.events.size();
  }

  // The same commit again gets one verdict, whatever became of the first attempt.
  void Settle() {
    std::set<uint64_t> present;
    for (const Read& event : events_) present.insert(event.commit);
    const uint64_t called = journal_.called;
    for (uint64_t number = 1; number <= called; ++number) {
      const Answer before = journal_.of(number).answer;
      // Of the acknowledged ones some, or long runs would take their square.
      if (before == Answer::kStored && number % 7 != 0 && number + 3 < called) continue;
      if (before == Answer::kNotCalled || before == Answer::kRefused) continue;
      const uint64_t first = journal_.of(number).first;
      const auto verdict = ProposeNoted(log_, number, journal_);
      if (!verdict.ok()) {
        Add("retry of commit ", number, ": ", Words(verdict.status()));
        continue;
      }
      if (verdict->repeated != (present.count(number) > 0)) {
        Add("retry of commit ", number, " says repeated=", verdict->repeated);
      }
      if (before == Answer::kStored && verdict->first.value != first) {
        Add("retry of commit ", number, " moved it from ", first, " to ", verdict->first.value);
      }
      const auto again = ProposeNoted(log_, number, journal_);
      if (!again.ok() || !again->repeated || again->first != verdict->first) {
        Add("second retry of commit ", number, " gives another verdict");
      }
    }
  }

  storage::RocksLog& log_;
  Journal& journal_;
  std::vector<Read> events_;
};

std::string ErrorLine(const absl::Status& status) {
  return absl::StrCat("error ", ReasonName(ReasonOf(status)), "\n");
}

std::string ReceiptLine(storage::RocksLog& log, uint64_t number) {
  const auto found = log.FindCommit(WorkloadCommit(number));
  if (!found.ok()) return ErrorLine(found.status());
  if (!found->has_value()) return "none\n";
  return absl::StrCat((*found)->first.value, " ", (*found)->last.value, " ",
                      (*found)->recorded.micros, "\n");
}

std::string EventLines(const absl::StatusOr<std::vector<Read>>& events) {
  if (!events.ok()) return ErrorLine(events.status());
  std::string lines;
  for (const Read& event : *events) {
    absl::StrAppend(&lines, event.position, " ", event.stream, "@", event.revision, " ",
                    event.recorded, " ", event.commit, " ", event.id.ToString(), " ");
    absl::StrAppend(&lines, event.type, " [", event.tags, "] ", event.correlation, " ", event.data,
                    "\n");
  }
  return lines;
}

std::string StreamLines(const absl::StatusOr<StreamPage>& page) {
  if (!page.ok()) return ErrorLine(page.status());
  std::string lines;
  for (const StreamInfo& info : page->streams) {
    absl::StrAppend(&lines, info.name, " ", info.last_revision.value, " ",
                    info.first_position.value, " ", info.last_position.value, " ");
    absl::StrAppend(&lines, info.created.micros, " ", info.updated.micros, "\n");
  }
  return lines;
}

}  // namespace

void CheckReads(EventReader& reader, Findings& findings) {
  const uint64_t head = reader.Head().value;
  const absl::StatusOr<std::vector<Read>> events = ReadWhole(reader, Direction::kForward);
  if (!events.ok()) return;
  if (events->size() < head) {
    findings.Add(absl::StrCat("a read said OK after ", events->size(), " of ", head, " events"));
  }
  for (size_t i = 0; i < events->size(); ++i) {
    if ((*events)[i].position == i + 1) continue;
    return findings.Add(absl::StrCat("a read skipped position ", i + 1));
  }
}

void CheckLog(storage::RocksLog& log, Journal& journal) { Checker(log, journal).Run(); }

void CheckFolder(const std::string& folder, rocksdb::Env* env, Journal& journal) {
  auto log = OpenLog(folder, env);
  journal.opened = log.ok();
  journal.open_reason = static_cast<int>(ReasonOf(log.status()));
  if (!log.ok()) {
    journal.findings.Add(absl::StrCat("does not open: ", Words(log.status())));
    return;
  }
  CheckLog(**log, journal);
}

LogDump DumpLog(storage::RocksLog& log, uint64_t commits) {
  LogDump dump;
  dump["head"] = absl::StrCat(log.Head().value, "\n");
  dump["all forwards"] = EventLines(ReadWhole(log, Direction::kForward));
  dump["all backwards"] = EventLines(ReadWhole(log, Direction::kBackward));
  dump["streams"] = StreamLines(log.ListStreams(StreamQuery()));
  for (const std::string& name : WorkloadStreams()) {
    dump["stream " + name] = EventLines(ReadOneStream(log, name, Direction::kForward, 0));
  }
  for (uint64_t number = 1; number <= commits; ++number) {
    dump[absl::StrCat("receipt ", number)] = ReceiptLine(log, number);
  }
  return dump;
}

std::string DumpText(const LogDump& dump) {
  std::string text;
  for (const auto& [section, lines] : dump) absl::StrAppend(&text, "== ", section, "\n", lines);
  return text;
}

}  // namespace nexus::evidence
