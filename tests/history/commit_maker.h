#pragma once

// Commits that collide: what one client of a recorded history proposes next.
//
// A few hot streams that all clients write to and one of its own; expected revisions of which three
// quarters are what the client saw last; append conditions on few tags and types; now and then an
// old commit again, or an event id that is taken.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "history/history.h"
#include "nexus/core/commit.h"

namespace nexus::history {

// splitmix64: the same numbers on every machine.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = (state_ += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  bool OneIn(uint64_t n) { return Below(n) == 0; }

 private:
  uint64_t state_;
};

struct CommitMix {
  int hot_streams = 4;
  int tags = 12;
  int events_max = 3;
  bool conditions = true;
  bool taken_ids = true;  // an event id again in its stream, under a new commit
  uint64_t repeat_one_in = 25;
  uint64_t any_one_in = 1'000;    // expects any revision, beside the eighth that always does
  uint64_t filler_bytes_max = 0;  // of data
};

// Used by one thread.
class CommitMaker {
 public:
  CommitMaker(uint32_t client, uint64_t seed, CommitMix mix)
      : client_(client), random_(seed), mix_(mix) {}

  // The types of all events.
  static std::vector<std::string> Types();

  // A new commit, or an old one again.
  Commit Next();
  Commit NewCommit();
  // The client learns from each answer and each event it is shown.
  void Learn(const AppendCall& answered);
  void Saw(const std::string& stream, uint64_t revision, uint64_t position);

  uint64_t head() const { return head_; }
  // One that this client writes to.
  std::string AnyStream();
  Random& random() { return random_; }

 private:
  void AddEvents(Commit& commit, uint32_t stream_index);
  void AddConditions(Commit& commit);
  std::string Filler();
  ExpectedRevision Expect(const std::string& stream);
  std::string OwnStream() const;

  const uint32_t client_;
  Random random_;
  const CommitMix mix_;
  uint64_t made_ = 0;
  uint64_t head_ = 0;                                         // the highest position it knows of
  absl::flat_hash_map<std::string, uint64_t> last_revision_;  // it knows of
  std::vector<Commit> sent_;                                  // some, to be sent again
};

}  // namespace nexus::history
