#pragma once

// A worker that decides commands elsewhere, as the server sees it. Whoever has the connection to it
// implements the port (src/rpc/handle_reactor); tests have their own.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "nexus/core/position.h"

namespace nexus::command {

// One message of a task: the first one, or more of its events. Texts are JSON where
// nexus.v1.Task says so.
struct TaskPage {
  std::string task_id;
  bool first = true;
  std::vector<std::string> events = {};
  bool more_events = false;
  // Of the first one.
  std::string aggregate = {};
  std::string stream = {};
  std::string command = {};
  std::string context = {};
  std::optional<Revision> state_revision = {};
  uint32_t attempt = 1;
  absl::Duration time_left = {};
  std::string traceparent = {};
  std::string tracestate = {};
};

// Thread-safe; the functions do not block.
class WorkerPort {
 public:
  // False: the worker has gone.
  using Sent = absl::AnyInvocable<void(bool ok)>;

  virtual ~WorkerPort() = default;

  // Pages leave in the order of these calls. `sent` runs at most once, on any thread, not inside
  // this call; never if the worker had gone before.
  virtual void Send(TaskPage page, Sent sent) = 0;

  // Ends the connection, once all that was sent has left if `why` is OK. More calls do nothing.
  virtual void End(const absl::Status& why) = 0;
};

}  // namespace nexus::command
