#pragma once

// The composition root: builds every part in order, and takes them down in reverse.

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "config/nexus_config.h"

namespace nexus::app {

class Daemon {
 public:
  // Serves when this returns. `on_fatal` runs at most once, on any thread, when the daemon cannot
  // go on (a failed write): stop it soon. Fails with a sentence for the operator.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(const config::NexusConfig& config,
                                                       absl::string_view notify_socket,
                                                       absl::AnyInvocable<void()> on_fatal);

  // Stop(), if that did not happen before.
  ~Daemon();

  // No new commits; those under way are answered, deliveries flushed, within the configured time.
  void Stop();

 private:
  struct Parts;

  explicit Daemon(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

extern const char kVersion[];

}  // namespace nexus::app
