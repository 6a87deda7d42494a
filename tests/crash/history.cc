#include "crash/history.h"

#include <algorithm>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::crash {
namespace {

// The places of each commit's events in the log, in order.
using PlacesByCommit = std::unordered_map<std::string, std::vector<size_t>>;

PlacesByCommit PlacesOf(absl::Span<const LoggedEvent> log) {
  PlacesByCommit places;
  for (size_t i = 0; i < log.size(); ++i) {
    if (!absl::StartsWith(log[i].stream, "$")) places[log[i].commit_id].push_back(i);
  }
  return places;
}

bool SameEvents(const CommitRecord& commit, absl::Span<const LoggedEvent> log,
                const std::vector<size_t>& places) {
  size_t next = 0;
  for (const StreamPart& part : commit.parts) {
    for (const std::string& data : part.data) {
      if (next == places.size()) return false;
      const LoggedEvent& event = log[places[next]];
      const bool adjacent = next == 0 || places[next] == places[next - 1] + 1;
      if (!adjacent || event.stream != part.stream || event.data != data) return false;
      ++next;
    }
  }
  return next == places.size();
}

// Compares a receipt with the events that the log has for it.
std::string ReceiptFault(const CommitRecord& commit, absl::Span<const LoggedEvent> log,
                         const std::vector<size_t>& places) {
  if (log[places.front()].position != commit.first_position ||
      log[places.back()].position != commit.last_position) {
    return absl::StrCat("is at ", log[places.front()].position, ", its receipt says ",
                        commit.first_position);
  }
  size_t next = 0;
  for (const StreamPart& part : commit.parts) {
    if (part.data.empty()) continue;
    if (part.first_revision != log[places[next]].revision) {
      return absl::StrCat("begins in ", part.stream, " at ", log[places[next]].revision,
                          ", its receipt says ", part.first_revision.value_or(0));
    }
    next += part.data.size();
  }
  return "";
}

std::string CommitFault(const CommitRecord& commit, absl::Span<const LoggedEvent> log,
                        const std::vector<size_t>& places) {
  if (places.empty())
    return commit.outcome == Outcome::kStored ? "was acknowledged and is gone" : "";
  if (commit.outcome == Outcome::kRefused) return "was refused and is there";
  if (places.size() > commit.EventCount()) return "is there more than once";
  if (places.size() < commit.EventCount()) return "is there in part";
  if (!SameEvents(commit, log, places)) return "is there with other content or order";
  return commit.outcome == Outcome::kStored ? ReceiptFault(commit, log, places) : "";
}

}  // namespace

size_t CommitRecord::EventCount() const {
  size_t count = 0;
  for (const StreamPart& part : parts) count += part.data.size();
  return count;
}

std::vector<std::string> CheckOrder(absl::Span<const LoggedEvent> log) {
  std::vector<std::string> faults;
  std::unordered_map<std::string, uint64_t> next_revision;
  std::unordered_set<std::string> ids;
  uint64_t position = 1;
  int64_t time = 0;
  for (const LoggedEvent& event : log) {
    const auto add = [&](const std::string& what) {
      faults.push_back(absl::StrCat("position ", event.position, ": ", what));
    };
    if (event.position != position) add(absl::StrCat("expected position ", position));
    position = event.position + 1;
    uint64_t& revision = next_revision[event.stream];
    if (event.revision != revision) {
      add(absl::StrCat(event.stream, " has revision ", event.revision, ", expected ", revision));
    }
    revision = event.revision + 1;
    if (event.recorded_ns < time) add("time runs backwards");
    time = event.recorded_ns;
    if (!ids.insert(absl::StrCat(event.stream, "/", event.event_id)).second) {
      add(absl::StrCat("event ", event.event_id, " is there twice"));
    }
  }
  return faults;
}

std::vector<std::string> CheckCommits(absl::Span<const CommitRecord> commits,
                                      absl::Span<const LoggedEvent> log) {
  std::vector<std::string> faults;
  PlacesByCommit places = PlacesOf(log);
  for (const CommitRecord& commit : commits) {
    const std::string fault = CommitFault(commit, log, places[commit.commit_id]);
    if (!fault.empty()) faults.push_back(absl::StrCat("commit ", commit.commit_id, " ", fault));
    places.erase(commit.commit_id);
  }
  for (const auto& [commit_id, unused] : places) {
    faults.push_back(absl::StrCat("commit ", commit_id, " is there and nobody sent it"));
  }
  return faults;
}

std::vector<std::string> CheckRealTime(absl::Span<const CommitRecord> commits) {
  std::vector<const CommitRecord*> called, answered;
  for (const CommitRecord& commit : commits) {
    if (commit.outcome == Outcome::kStored) called.push_back(&commit);
  }
  answered = called;
  std::sort(called.begin(), called.end(), [](auto* a, auto* b) { return a->called < b->called; });
  std::sort(answered.begin(), answered.end(),
            [](auto* a, auto* b) { return a->answered < b->answered; });
  std::vector<std::string> faults;
  size_t next = 0;
  const CommitRecord* latest = nullptr;  // of the highest position among those answered by then
  for (const CommitRecord* commit : called) {
    for (; next < answered.size() && answered[next]->answered < commit->called; ++next) {
      if (latest == nullptr || answered[next]->last_position > latest->last_position) {
        latest = answered[next];
      }
    }
    if (latest == nullptr || commit->first_position > latest->last_position) continue;
    faults.push_back(absl::StrCat("commit ", commit->commit_id, " was called after ",
                                  latest->commit_id, " was answered and stands before it"));
  }
  return faults;
}

std::vector<std::string> CheckSeen(const Seen& seen, absl::Span<const LoggedEvent> log) {
  std::vector<std::string> faults;
  for (const auto& [position, event_id] : seen) {
    if (position > log.size()) {
      faults.push_back(absl::StrCat("position ", position, " was shown to a reader and is gone"));
    } else if (log[position - 1].event_id != event_id) {
      faults.push_back(absl::StrCat("position ", position, " was shown to a reader as ", event_id));
    }
  }
  return faults;
}

}  // namespace nexus::crash
