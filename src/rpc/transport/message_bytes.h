#pragma once

// A message and its bytes.

#include "grpcpp/impl/codegen/proto_utils.h"
#include "grpcpp/support/byte_buffer.h"

namespace nexus::rpc {

template <typename Message>
grpc::ByteBuffer ToBytes(const Message& message) {
  grpc::ByteBuffer bytes;
  bool own = false;
  // Fails only for a message of over 2 GiB, which no limit of ours lets through.
  (void)grpc::SerializationTraits<Message>::Serialize(message, &bytes, &own);
  return bytes;
}

// False if the bytes are no such message.
template <typename Message>
bool FromBytes(const grpc::ByteBuffer& bytes, Message& message) {
  grpc::ByteBuffer taken = bytes;  // parsing empties it
  return grpc::SerializationTraits<Message>::Deserialize(&taken, &message).ok();
}

}  // namespace nexus::rpc
