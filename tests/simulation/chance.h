#pragma once

// The one source of chance of a simulation, and what rare things it has led to.

#include <cstdint>
#include <map>
#include <string>

#include "history/commit_maker.h"
#include "nexus/core/id_source.h"

namespace nexus::simulation {

// How often each rare branch was reached.
using Coverage = std::map<std::string, uint64_t>;

class Chance {
 public:
  explicit Chance(uint64_t seed) : random_(seed) {}

  uint64_t Below(uint64_t bound) { return random_.Below(bound); }
  uint64_t Between(uint64_t low, uint64_t high) { return low + random_.Below(high - low + 1); }
  bool OneIn(uint64_t n) { return random_.OneIn(n); }
  uint64_t Next() { return random_.Next(); }

  // A rare path: a quarter of the seeds have it, and then it is taken a quarter of the time.
  bool Buggify(const char* site) {
    const auto [it, first] = armed_.try_emplace(site, false);
    if (first) it->second = random_.OneIn(4);
    if (!it->second || !random_.OneIn(4)) return false;
    Reached(site);
    return true;
  }
  // For what is chosen once for the whole run.
  bool BuggifyRun(const char* site) {
    if (!random_.OneIn(4)) return false;
    Reached(site);
    return true;
  }
  // Something that must happen in some run, or the runs prove less than they seem to.
  void Reached(const std::string& branch) { ++coverage_[branch]; }

  const Coverage& coverage() const { return coverage_; }

 private:
  history::Random random_;
  std::map<std::string, bool> armed_;
  Coverage coverage_;
};

// Ids from the same source.
class SimulatedIds : public IdSource {
 public:
  explicit SimulatedIds(Chance& chance) : chance_(chance) {}

  UuidBytes NewUuid() override {
    UuidBytes bytes;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(chance_.Next());
    return bytes;
  }
  uint64_t Random() override { return chance_.Next(); }

 private:
  Chance& chance_;
};

}  // namespace nexus::simulation
