#pragma once

// Where an event goes that a sink will not take. It is written down durably before the checkpoint
// passes it, so that nothing is lost: acknowledged = delivered + dead-lettered + pending.
//
// Thread-safe.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/sink.h"

namespace nexus::route {

struct DeadLetter {
  std::string sink;
  OutboundEvent event;
  uint32_t attempts = 0;  // 0: it was not tried, because it stands behind a dead letter
  std::string error;
};

class DeadLetterWriter {
 public:
  using Written = absl::AnyInvocable<void(absl::Status)>;

  virtual ~DeadLetterWriter() = default;

  // `written` runs once, with OK only if the letter is durable; it must not block. Writing the same
  // sink and event again writes nothing and is OK.
  virtual void Write(DeadLetter letter, Written written) = 0;

  // The streams that have a dead letter for `sink`. May read from disk.
  virtual absl::StatusOr<std::vector<std::string>> ParkedStreams(absl::string_view sink) = 0;
};

}  // namespace nexus::route
