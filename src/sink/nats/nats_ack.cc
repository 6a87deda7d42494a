#include "sink/nats/nats_ack.h"

#include <simdjson.h>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "sink/outbound/stream_order.h"
#include "sink/outbound/unavailable.h"

namespace nexus::sink {
namespace {

// err_code of JetStream's answers.
constexpr int64_t kMessageTooLarge = 10'054;
constexpr int64_t kHeadersTooLarge = 10'097;
constexpr int64_t kOtherStream = 10'060;
constexpr int64_t kOtherLastMessage = 10'070;

absl::Status RefusalOf(simdjson::dom::element error) {
  int64_t code = 0;
  std::string_view words;
  if (error["err_code"].get(code) != simdjson::SUCCESS) code = 0;
  if (error["description"].get(words) != simdjson::SUCCESS) words = "refused";
  if (code == kOtherLastMessage) return StreamOrder::Behind();
  ErrorReason reason = ErrorReason::kNotReady;
  if (code == kMessageTooLarge || code == kHeadersTooLarge) reason = ErrorReason::kLimitExceeded;
  if (code == kOtherStream) reason = ErrorReason::kNotFound;
  return MakeError(
      reason,
      absl::StrCat("JetStream: ", absl::string_view(words.data(), words.size()), " (", code, ")"));
}

}  // namespace

absl::StatusOr<NatsAck> ParseAck(absl::string_view json) {
  thread_local simdjson::dom::parser parser;  // its memory is used again
  simdjson::dom::element answer;
  const simdjson::padded_string padded(json.data(), json.size());
  if (parser.parse(padded).get(answer) != simdjson::SUCCESS) {
    return Unavailable("an answer that is no JSON; nobody but JetStream should answer");
  }
  simdjson::dom::element error;
  if (answer["error"].get(error) == simdjson::SUCCESS) return RefusalOf(error);
  NatsAck ack;
  std::string_view stream;
  if (answer["stream"].get(stream) != simdjson::SUCCESS ||
      answer["seq"].get(ack.sequence) != simdjson::SUCCESS) {
    return Unavailable("an answer without a stream and a sequence");
  }
  ack.stream = std::string(stream);
  if (answer["duplicate"].get(ack.duplicate) != simdjson::SUCCESS) ack.duplicate = false;
  return ack;
}

}  // namespace nexus::sink
