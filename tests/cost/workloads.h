#pragma once

// The fixed work whose cost is counted. Single commits wait for their answers; nothing depends on
// how fast the machine is.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace nexus::cost {

class Workload {
 public:
  virtual ~Workload() = default;

  // `appends` commits more.
  virtual void Append(uint64_t appends) = 0;
};

// Commits of `events` events, each a group of its own.
std::unique_ptr<Workload> MakeLogWorkload(const std::string& folder, size_t events);
// Commits of 1 event, in groups of 64.
std::unique_ptr<Workload> MakeGroupWorkload(const std::string& folder);
// The same as the first, 1 event, through the engine: checked against a schema, allowed by a policy
// that answers at once.
std::unique_ptr<Workload> MakeEngineWorkload(const std::string& folder);
// The same with `events` events, from the bytes of a request to those of its answer; neither gRPC
// is in it nor building the request.
std::unique_ptr<Workload> MakeRequestWorkload(const std::string& folder, int events);

// Ends the process with status 1.
[[noreturn]] void Die(const std::string& why);

constexpr size_t kEventBytes = 256;
constexpr uint64_t kStreams = 64;

}  // namespace nexus::cost
