#include "history/final_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nexus::history {
namespace {

std::string KeyOf(const EventFilter& filter) {
  std::string key;
  for (const FilterItem& item : filter.items) {
    for (const auto* field : {&item.types, &item.type_prefixes, &item.stream_prefixes,
                              &item.categories, &item.tags, &item.correlation_ids}) {
      for (const std::string& value : *field) absl::StrAppend(&key, value.size(), ":", value);
      key += ';';
    }
    key += '|';
  }
  return key;
}

}  // namespace

FinalLog::FinalLog(const std::vector<LoggedEvent>& events, Steps& steps)
    : events_(events), steps_(steps) {}

std::vector<Finding> FinalLog::Check() {
  std::vector<Finding> findings;
  uint64_t next = 1;
  Timestamp time;
  for (const LoggedEvent& event : events_) {
    if (event.position != next) {
      findings.push_back(
          {'a', absl::StrCat("the log has position ", event.position, " where ", next,
                             " was expected (commit ", event.commit.ToString(), ")")});
      return findings;
    }
    ++next;
    if (event.recorded < time) {
      findings.push_back({'a', absl::StrCat("time runs backwards at position ", event.position,
                                            " (commit ", event.commit.ToString(), ")")});
    }
    time = event.recorded;
    CheckEvent(event, findings);
    AddCommit(event, findings);
  }
  return findings;
}

void FinalLog::CheckEvent(const LoggedEvent& event, std::vector<Finding>& findings) {
  steps_.Take(2 + event.tags.size());
  Positions& stream = streams_[event.stream];
  if (event.revision != stream.size()) {
    findings.push_back(
        {'a', absl::StrCat("position ", event.position, " (commit ", event.commit.ToString(),
                           ") has revision ", event.revision, " of ", event.stream, " where ",
                           stream.size(), " was expected")});
  }
  stream.push_back(event.position);
  if (!event_ids_.emplace(std::make_pair(event.stream, event.id), event.position).second) {
    findings.push_back({'a', absl::StrCat("event ", event.id.ToString(), " is in ", event.stream,
                                          " twice, again at position ", event.position, " (commit ",
                                          event.commit.ToString(), ")")});
  }
  keys_[absl::StrCat("t:", event.type)].push_back(event.position);
  keys_[absl::StrCat("c:", StreamName::CategoryOf(event.stream))].push_back(event.position);
  for (const std::string& tag : event.tags) {
    keys_[absl::StrCat("g:", tag)].push_back(event.position);
  }
  if (!event.correlation.empty()) {
    keys_[absl::StrCat("r:", event.correlation)].push_back(event.position);
  }
}

void FinalLog::AddCommit(const LoggedEvent& event, std::vector<Finding>& findings) {
  if (!commits_.empty() && commits_.back().id == event.commit) {
    commits_.back().last = event.position;
    return;
  }
  LoggedCommit commit;
  commit.id = event.commit;
  commit.first = commit.last = event.position;
  if (!commit_ids_.emplace(event.commit, commits_.size()).second) {
    findings.push_back(
        {'e', absl::StrCat("commit ", event.commit.ToString(),
                           " is there more than once, again at position ", event.position)});
  }
  commits_.push_back(commit);
}

LoggedCommit* FinalLog::Find(const CommitId& id) {
  steps_.Take();
  const auto it = commit_ids_.find(id);
  return it == commit_ids_.end() ? nullptr : &commits_[it->second];
}

const LoggedCommit& FinalLog::CommitAt(uint64_t position) const {
  return commits_[commit_ids_.at(at(position).commit)];
}

bool FinalLog::HasBoundary(uint64_t low, uint64_t high) {
  if (low == 0 || low > head()) return low <= high;
  const size_t at = steps_.Find(commits_, [low](const LoggedCommit& c) { return c.last < low; });
  return at < commits_.size() && commits_[at].last <= high;
}

const std::vector<uint64_t>* FinalLog::Stream(const std::string& name) const {
  const auto it = streams_.find(name);
  return it == streams_.end() ? nullptr : &it->second;
}

uint64_t FinalLog::EventsOf(const std::string& stream, uint64_t head) {
  const Positions* positions = Stream(stream);
  if (positions == nullptr) return 0;
  return steps_.Find(*positions, [head](uint64_t position) { return position <= head; });
}

const LoggedEvent* FinalLog::FindEvent(const std::string& stream, const EventId& id) const {
  const auto it = event_ids_.find(std::make_pair(stream, id));
  return it == event_ids_.end() ? nullptr : &at(it->second);
}

std::optional<uint64_t> FinalLog::FirstMatch(const EventFilter& filter, uint64_t after) {
  if (filter.MatchesAll()) {
    return after < head() ? std::optional<uint64_t>(after + 1) : std::nullopt;
  }
  const Positions& matching = Matching(filter);
  const size_t at = steps_.Find(matching, [after](uint64_t position) { return position <= after; });
  return at < matching.size() ? std::optional<uint64_t>(matching[at]) : std::nullopt;
}

// Once for each filter that occurs.
const FinalLog::Positions& FinalLog::Matching(const EventFilter& filter) {
  const auto [it, added] = matching_.try_emplace(KeyOf(filter));
  if (!added) return it->second;
  Positions found;
  for (const FilterItem& item : filter.items) {
    const Positions* candidates = Candidates(item);
    const uint64_t count = candidates == nullptr ? head() : candidates->size();
    steps_.Take(count);
    for (uint64_t i = 0; i < count; ++i) {
      const uint64_t position = candidates == nullptr ? i + 1 : (*candidates)[i];
      if (Matches(item, at(position))) found.push_back(position);
    }
  }
  steps_.Sort(found, [](uint64_t a, uint64_t b) { return a < b; });
  found.erase(std::unique(found.begin(), found.end()), found.end());
  it->second = std::move(found);
  return it->second;
}

const FinalLog::Positions* FinalLog::Candidates(const FilterItem& item) {
  static const Positions kNone;
  const Positions* best = nullptr;
  const auto offer = [&](const std::vector<std::string>& values, const char* kind) {
    for (const std::string& value : values) {
      const auto it = keys_.find(absl::StrCat(kind, value));
      const Positions* list = it == keys_.end() ? &kNone : &it->second;
      if (best == nullptr || list->size() < best->size()) best = list;
    }
  };
  offer(item.tags, "g:");  // all of them: any one holds every match
  // Of these one is enough, so a list stands for the item only if it is the only one.
  if (item.types.size() == 1) offer(item.types, "t:");
  if (item.categories.size() == 1) offer(item.categories, "c:");
  if (item.correlation_ids.size() == 1) offer(item.correlation_ids, "r:");
  return best;
}

bool FinalLog::Matches(const FilterItem& item, const LoggedEvent& event) const {
  const std::vector<absl::string_view> tags(event.tags.begin(), event.tags.end());
  return item.Matches({event.stream, event.type, tags, event.correlation});
}

}  // namespace nexus::history
