#pragma once

// What clients and the machinery that starts and ends processes share.

#include <memory>
#include <string>
#include <vector>

#include "history/history.h"
#include "simulation/chance.h"
#include "simulation/event_loop.h"
#include "simulation/process.h"

namespace nexus::simulation {

// Tasks of the world outlive every process.
inline constexpr EventLoop::Owner kWorld = 0;

struct World {
  explicit World(uint64_t seed) : chance(seed) {}

  void Complain(std::string what) { complaints.push_back(std::move(what)); }

  Chance chance;
  EventLoop loop;
  SimulatedClock clock{loop};
  history::Ticks ticks;
  std::unique_ptr<Process> process;  // null while none runs
  std::vector<std::string> complaints;
};

}  // namespace nexus::simulation
