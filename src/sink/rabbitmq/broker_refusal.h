#pragma once

// Whom the broker means when it closes a channel because of one message: it says it in words only.

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "nexus/core/errors.h"
#include "sink/rabbitmq/unconfirmed.h"

namespace nexus::sink {

struct BrokerRefusal {
  // LIMIT_EXCEEDED or ACCESS_DENIED; anything else: no single message is meant.
  ErrorReason reason = ErrorReason::kNotReady;
  size_t bytes = 0;         // of the body that is too large
  size_t bytes_max = 0;     // that are allowed
  std::string routing_key;  // that the user may not publish to

  bool Concerns(const Publication& publication) const;
};

// Of the code and the words of a channel's end. What is not understood concerns nobody.
BrokerRefusal RefusalIn(uint16_t code, absl::string_view why);

}  // namespace nexus::sink
