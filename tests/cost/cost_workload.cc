// The program whose cost is counted: prepares a workload, appends, prints what it allocated.
//
//   cost_workload NAME APPENDS FOLDER [WASTE]     WASTE: allocations more an append, on purpose
//
// Prints "<allocations> <bytes>" of the appends alone.

#include <cstdio>
#include <cstdlib>
#include <string>

#include "cost/allocations.h"
#include "cost/workloads.h"

namespace nexus::cost {
namespace {

constexpr uint64_t kWarmUp = 64;  // fills the caches; a whole number of groups and streams

std::unique_ptr<Workload> MakeWorkload(const std::string& name, const std::string& folder) {
  if (name == "log-1") return MakeLogWorkload(folder, 1);
  if (name == "log-100") return MakeLogWorkload(folder, 100);
  if (name == "log-group") return MakeGroupWorkload(folder);
  if (name == "engine-1") return MakeEngineWorkload(folder);
  if (name == "request-1") return MakeRequestWorkload(folder, 1);
  if (name == "request-100") return MakeRequestWorkload(folder, 100);
  Die("no such workload: " + name);
}

void Waste(uint64_t allocations) {
  for (uint64_t i = 0; i < allocations; ++i) ::operator delete(::operator new(1));
}

}  // namespace

void Die(const std::string& why) {
  std::fprintf(stderr, "cost_workload: %s\n", why.c_str());
  std::_Exit(1);
}

}  // namespace nexus::cost

int main(int argc, char** argv) {
  using nexus::cost::Allocations;
  if (argc < 4) nexus::cost::Die("usage: cost_workload NAME APPENDS FOLDER [WASTE]");
  const uint64_t appends = std::strtoull(argv[2], nullptr, 10);
  const uint64_t waste = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 0;
  const auto workload = nexus::cost::MakeWorkload(argv[1], argv[3]);
  workload->Append(nexus::cost::kWarmUp);
  const Allocations before = nexus::cost::AllocationsSoFar();
  workload->Append(appends);
  nexus::cost::Waste(waste * appends);
  const Allocations after = nexus::cost::AllocationsSoFar();
  std::printf("%llu %llu\n", static_cast<unsigned long long>(after.calls - before.calls),
              static_cast<unsigned long long>(after.bytes - before.bytes));
  return 0;
}
