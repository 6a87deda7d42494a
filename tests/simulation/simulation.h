#pragma once

// One run of the simulation: some clients, some crashes, a bad disk, and what came of it.

#include <cstdint>
#include <string>

#include "simulation/chance.h"
#include "simulation/simulated_store.h"

namespace nexus::simulation {

struct SimulationOptions {
  Planted planted = Planted::kNone;
  int clients = 4;
  int operations = 10;  // of each client
  int crashes_max = 3;
};

struct SimulationResult {
  std::string faults;  // one a line; empty: none
  uint64_t trace = 0;  // the same for the same seed
  uint64_t steps = 0;
  uint64_t events = 0;  // in the log at the end
  Coverage coverage;
};

// Deterministic in `seed` and `options`. Thread-safe.
SimulationResult Simulate(uint64_t seed, const SimulationOptions& options = {});

}  // namespace nexus::simulation
