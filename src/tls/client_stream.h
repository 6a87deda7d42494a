#pragma once

// TLS to a server over a socket that somebody else opens, polls and closes. Nothing blocks.
//
// Not thread-safe.

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tls/client_context.h"

struct ssl_st;  // OpenSSL's connection

namespace nexus::tls {

class ClientStream {
 public:
  // The server must prove to be `name`, which may be an IP address. `fd` is non-blocking; its
  // connection may be under way.
  ClientStream(const ClientContextPtr& context, const std::string& name, int fd);

  // Bytes that were moved; 0: nothing can be moved now, poll and come again. kUnavailable with the
  // reason; of Receive() at the end of what the server sends kOutOfRange.
  absl::StatusOr<size_t> Send(absl::string_view bytes);
  absl::StatusOr<size_t> Receive(char* bytes, size_t size);

  // What was tried last waits for room in the socket, not for bytes.
  bool wants_write() const { return wants_write_; }

 private:
  struct Free {
    void operator()(ssl_st* connection) const;
  };

  absl::StatusOr<size_t> Outcome(int result, size_t moved);

  std::unique_ptr<ssl_st, Free> connection_;
  bool wants_write_ = true;
};

}  // namespace nexus::tls
