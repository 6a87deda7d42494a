#pragma once

// What bounds commands that workers elsewhere decide.

#include <cstddef>
#include <cstdint>

#include "absl/time/time.h"

namespace nexus::command {

struct RemoteOptions {
  size_t commands_max = 8'192;  // waiting or under way; more are refused with OVERLOADED
  // For the turn at an aggregate, as expected; who would wait for longer is refused as OVERLOADED.
  absl::Duration wait_max = absl::Milliseconds(100);
  size_t streams_max = 10'000;  // whose worker is remembered
  size_t workers_max = 256;     // connected
  size_t tasks_max = 1'024;     // of one worker
  uint32_t attempts_max = 16;   // at one command, against other writers
  uint32_t tries_max = 3;       // workers that one attempt is given to
  absl::Duration task_timeout = absl::Seconds(5);
  absl::Duration absence_max = absl::Seconds(2);  // how long a command waits for any worker
  absl::Duration heartbeat = absl::Seconds(5);    // silent for three times as long: gone
  absl::Duration stop_patience = absl::Seconds(10);
};

}  // namespace nexus::command
