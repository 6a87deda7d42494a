#pragma once

// The composition root: builds every part in order, and takes them down in reverse.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "config/nexus_config.h"
#include "nexus/core/position.h"

namespace rocksdb {
class Env;
}  // namespace rocksdb

namespace nexus::app {

class Daemon {
 public:
  struct StartOptions {
    std::string notify_socket = {};
    // See RocksLogOptions::accepted_loss.
    std::optional<Position> accepted_loss = {};
    // Runs at most once, on any thread, when the daemon cannot go on (a failed write, no disk space
    // left): stop it soon, and end with this code.
    absl::AnyInvocable<void(int exit_code)> on_fatal = {};
    // In place of the real disk below the log; must outlive the daemon.
    rocksdb::Env* env_for_test = nullptr;
  };

  // Serves when this returns. Fails with a sentence for the operator.
  static absl::StatusOr<std::unique_ptr<Daemon>> Start(const config::NexusConfig& config,
                                                       StartOptions options);

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
