#include "sink/kafka/kafka_status.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::sink {

absl::Status FromKafka(rd_kafka_resp_err_t error, absl::string_view about) {
  ErrorReason reason = ErrorReason::kNotReady;
  switch (error) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return absl::OkStatus();
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
    case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
      reason = ErrorReason::kLimitExceeded;
      break;
    case RD_KAFKA_RESP_ERR_INVALID_MSG:
    case RD_KAFKA_RESP_ERR_INVALID_RECORD:
    case RD_KAFKA_RESP_ERR_INVALID_TIMESTAMP:
      reason = ErrorReason::kMalformedRequest;
      break;
    default:
      break;
  }
  return MakeError(reason, absl::StrCat(about, ": ", rd_kafka_err2str(error), " (",
                                        rd_kafka_err2name(error), ")"));
}

}  // namespace nexus::sink
