#pragma once

// An aggregate in memory: its state in the script engine and the events that are not folded yet.
// Of one worker, on whose thread alone it is touched.

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <string>

#include "command/aggregate_code.h"
#include "nexus/core/position.h"

namespace nexus::command {

struct CommandCall;

struct LiveAggregate {
  std::string stream;
  // Which code has made the state; null: there is no state.
  AggregateCode* code = nullptr;
  StateValue state;
  std::optional<Revision> revision;  // of the last event in `state` or `unfolded`
  // Committed by this worker and not folded yet: views of events, with commas between them.
  std::string unfolded;
  size_t unfolded_count = 0;

  // A command is being stored; the others wait in the order of their coming.
  bool busy = false;
  std::deque<std::shared_ptr<CommandCall>> waiting;
  std::list<LiveAggregate*>::iterator place;  // among those used lately

  bool loaded() const { return code != nullptr; }
  void Forget() {
    state.reset();
    code = nullptr;
    revision.reset();
    unfolded.clear();
    unfolded_count = 0;
  }
};

}  // namespace nexus::command
