#pragma once

// The request of a call that takes bytes.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/support/byte_buffer.h"
#include "nexus/core/errors.h"
#include "rpc/transport/message_bytes.h"

namespace nexus::rpc {

// MALFORMED_REQUEST if the bytes are no such message.
template <typename Message>
absl::Status ParseRequest(const grpc::ByteBuffer& bytes, Message& message) {
  if (FromBytes(bytes, message)) return absl::OkStatus();
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("the request is not a ", std::string(message.GetTypeName())));
}

}  // namespace nexus::rpc
