#pragma once

#include <string>
#include <utility>
#include <vector>

#include "nexus/core/commit.h"
#include "storage/memory/memory_log.h"

namespace nexus::fake {

// Appends events with types, tags and correlation ids to a log with few words.
struct TaggedEvent {
  std::string stream = "order-1";
  std::string type = "placed";
  std::vector<std::string> tags = {};
  std::string correlation_id = {};  // empty: the id of its commit, as the server has it
  std::string data = "{}";
};

inline CommitId CommitIdOf(uint64_t number) {
  CommitId id;
  for (int i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}

inline Commit TaggedCommit(uint64_t number, const std::vector<TaggedEvent>& events,
                           Timestamp proposed) {
  Commit commit;
  commit.id = CommitIdOf(number);
  commit.proposed = proposed;
  for (const TaggedEvent& from : events) {
    uint32_t stream = 0;
    while (stream < commit.streams.size() && commit.streams[stream].name.str() != from.stream) {
      ++stream;
    }
    if (stream == commit.streams.size()) {
      commit.streams.push_back({StreamName::Literal(from.stream), ExpectedRevision::Any()});
    }
    CommitEvent entry;
    entry.stream_index = stream;
    entry.event.id = DeriveEventId(commit.id, static_cast<uint32_t>(commit.events.size()));
    entry.event.type = from.type;
    entry.event.tags = from.tags;
    entry.event.data = from.data;
    entry.event.correlation_id =
        from.correlation_id.empty() ? commit.id.ToString() : from.correlation_id;
    commit.events.push_back(std::move(entry));
  }
  return commit;
}

// A log in memory that is filled so; each commit is a second after the one before.
class TaggedLog : public storage::MemoryLog {
 public:
  Position Append(const std::vector<TaggedEvent>& events) {
    ++commits_;
    Propose(TaggedCommit(commits_, events, TimeOf(commits_)), [](absl::StatusOr<CommitReceipt>) {});
    return Head();
  }
  static Timestamp TimeOf(uint64_t commit) {
    return Timestamp{static_cast<int64_t>(commit) * 1'000'000};
  }

 private:
  uint64_t commits_ = 0;
};

}  // namespace nexus::fake
