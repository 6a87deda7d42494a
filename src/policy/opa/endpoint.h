#pragma once

// Where an OPA listens: a Unix socket or a TCP address.

#include <sys/socket.h>

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "policy/opa/file_descriptor.h"
#include "tls/client_context.h"

namespace nexus::policy {

// Immutable; thread-safe.
class Endpoint {
 public:
  // "unix:/run/opa.sock", "unix:///run/opa.sock", "127.0.0.1:8181", "http://opa:8181",
  // "https://opa:8181", "[::1]:8181". A host name is looked up here, once (this may block).
  // CONFIGURATION_INVALID if the text is malformed, the path is too long for a socket, the name is
  // not known, or `ca_file` (of https; empty: what the system believes) cannot be used.
  static absl::StatusOr<Endpoint> Parse(absl::string_view text, const std::string& ca_file = "");

  // A non-blocking socket whose connection is under way: writable once it stands. kUnavailable if
  // nobody listens.
  absl::StatusOr<FileDescriptor> Connect() const;

  const std::string& text() const { return text_; }  // as given
  const std::string& host() const { return host_; }  // for the Host header
  // Whom to believe in TLS; null: in the clear.
  const tls::ClientContextPtr& tls() const { return tls_; }
  // What the server must prove to be: the host alone.
  const std::string& name() const { return name_; }

  // The longest path that a Unix socket can have, bytes.
  static size_t UnixPathBytesMax();

 private:
  Endpoint() = default;
  static absl::StatusOr<Endpoint> ParseUnix(absl::string_view path);
  static absl::StatusOr<Endpoint> ParseTcp(absl::string_view host_port);

  std::string text_;
  std::string host_;
  std::string name_;
  tls::ClientContextPtr tls_;
  sockaddr_storage address_{};
  socklen_t address_size_ = 0;
};

}  // namespace nexus::policy
