#pragma once

// A real broker behind a proxy, and a consumer of it. Not thread-safe.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "fault/conservation.h"
#include "harness/proxy/fault_proxy.h"

namespace nexus::fault {

class Broker {
 public:
  virtual ~Broker() = default;

  // The sink of a route to it, through the proxy, in JSON. It takes no event of more than
  // kPoisonBytes.
  virtual std::string SinkJson() const = 0;
  virtual harness::FaultProxy& proxy() = 0;

  virtual void Kill() = 0;
  // In order; then it is as after Kill().
  virtual void Stop() = 0;
  virtual absl::Status Restart() = 0;

  // Stands still, or goes on.
  virtual void Pause(bool on) = 0;
  // Refuses everything, or takes it again.
  virtual absl::Status SetFull(bool full) = 0;

  // All that it holds now and has not given yet.
  virtual absl::StatusOr<std::vector<Arrival>> ReadOn() = 0;

  // What the program has said since its start.
  virtual std::string Output() const = 0;
};

inline constexpr size_t kPoisonBytes = 20'000;

// "kafka", "rabbitmq", "nats", "webhook". A started one; kNotFound with what is missing.
absl::StatusOr<std::unique_ptr<Broker>> StartBroker(absl::string_view kind);

}  // namespace nexus::fault
