#pragma once

// The bytes of one connection to an endpoint, in the clear or in TLS. Nothing blocks.
//
// Not thread-safe.

#include <cstddef>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/opa/endpoint.h"
#include "policy/opa/file_descriptor.h"
#include "tls/client_stream.h"

namespace nexus::policy {

class SocketStream {
 public:
  // kUnavailable if nobody listens.
  absl::Status Open(const Endpoint& endpoint);
  void Close();

  bool open() const { return fd_.valid(); }
  int fd() const { return fd_.get(); }
  // For poll(), while there is something to send or not.
  short PollEvents(bool sending) const;

  // Bytes that were moved; 0: nothing can be moved now. kUnavailable with the reason; of Receive()
  // at the end kOutOfRange.
  absl::StatusOr<size_t> Send(absl::string_view bytes);
  absl::StatusOr<size_t> Receive(char* bytes, size_t size);

 private:
  FileDescriptor fd_;
  std::unique_ptr<tls::ClientStream> tls_;  // null: in the clear
};

}  // namespace nexus::policy
