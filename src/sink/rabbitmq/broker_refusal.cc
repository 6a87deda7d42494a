#include "sink/rabbitmq/broker_refusal.h"

#include <amqp.h>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace nexus::sink {
namespace {

// What stands between `begin` and the next `end`; empty: nothing does.
absl::string_view Between(absl::string_view text, absl::string_view begin, absl::string_view end) {
  const size_t at = text.find(begin);
  if (at == absl::string_view::npos) return "";
  text.remove_prefix(at + begin.size());
  const size_t stop = text.find(end);
  return stop == absl::string_view::npos ? "" : text.substr(0, stop);
}

}  // namespace

bool BrokerRefusal::Concerns(const Publication& publication) const {
  if (reason == ErrorReason::kLimitExceeded) return publication.bytes == bytes;
  if (reason == ErrorReason::kAccessDenied) return publication.routing_key == routing_key;
  return false;
}

BrokerRefusal RefusalIn(uint16_t code, absl::string_view why) {
  BrokerRefusal refusal;
  if (code == AMQP_PRECONDITION_FAILED) {
    const absl::string_view bytes = Between(why, "message size ", " ");
    const size_t last = why.rfind(' ');
    if (absl::SimpleAtoi(bytes, &refusal.bytes) && last != absl::string_view::npos &&
        absl::SimpleAtoi(why.substr(last + 1), &refusal.bytes_max)) {
      refusal.reason = ErrorReason::kLimitExceeded;
    }
  }
  if (code == AMQP_ACCESS_REFUSED) {
    const absl::string_view key = Between(why, "access to topic '", "' in exchange");
    if (!key.empty()) {
      refusal.reason = ErrorReason::kAccessDenied;
      refusal.routing_key = std::string(key);
    }
  }
  return refusal;
}

}  // namespace nexus::sink
