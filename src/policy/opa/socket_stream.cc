#include "policy/opa/socket_stream.h"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "nexus/core/status_macros.h"

namespace nexus::policy {
namespace {

// A TCP connection that does not stand yet says ENOTCONN on some kernels, EAGAIN on others.
bool IsNotNow(int error) { return error == EAGAIN || error == ENOTCONN; }

absl::StatusOr<size_t> Failure(int error) {
  if (IsNotNow(error)) return 0;
  return absl::UnavailableError(std::strerror(error));
}

}  // namespace

absl::Status SocketStream::Open(const Endpoint& endpoint) {
  NEXUS_ASSIGN_OR_RETURN(fd_, endpoint.Connect());
  if (endpoint.tls() != nullptr) {
    tls_ = std::make_unique<tls::ClientStream>(endpoint.tls(), endpoint.name(), fd_.get());
  }
  return absl::OkStatus();
}

void SocketStream::Close() {
  tls_.reset();
  fd_.Reset();
}

short SocketStream::PollEvents(bool sending) const {
  // While TLS waits for the peer there may be room in the socket all the time.
  const bool write = tls_ != nullptr ? tls_->wants_write() : sending;
  return write ? POLLIN | POLLOUT : POLLIN;
}

absl::StatusOr<size_t> SocketStream::Send(absl::string_view bytes) {
  if (tls_ != nullptr) return tls_->Send(bytes);
  while (true) {
    const ssize_t n = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) return Failure(errno);
  }
}

absl::StatusOr<size_t> SocketStream::Receive(char* bytes, size_t size) {
  if (tls_ != nullptr) return tls_->Receive(bytes, size);
  while (true) {
    const ssize_t n = ::recv(fd_.get(), bytes, size, 0);
    if (n > 0) return static_cast<size_t>(n);
    if (n == 0) return absl::OutOfRangeError("closed");
    if (errno != EINTR) return Failure(errno);
  }
}

}  // namespace nexus::policy
