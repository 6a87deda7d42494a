#include "policy/opa/http_connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::policy {

absl::Status HttpConnection::Send(std::string request) {
  assert(!busy_);
  reader_.Reset();
  reused_ = fd_.valid();
  if (!reused_) {
    NEXUS_ASSIGN_OR_RETURN(fd_, endpoint_.Connect());
  }
  out_ = std::move(request);
  sent_ = 0;
  busy_ = true;
  return Flush();
}

short HttpConnection::PollEvents() const {
  if (!fd_.valid()) return 0;
  return busy_ && sent_ < out_.size() ? POLLIN | POLLOUT : POLLIN;
}

absl::Status HttpConnection::OnReady() {
  if (busy_) NEXUS_RETURN_IF_ERROR(Flush());
  return Receive();
}

absl::Status HttpConnection::Flush() {
  while (sent_ < out_.size()) {
    const ssize_t n = ::send(fd_.get(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
    if (n >= 0) {
      sent_ += static_cast<size_t>(n);
      continue;
    }
    // A TCP connection that does not stand yet says ENOTCONN on some kernels, EAGAIN on others.
    if (errno == EAGAIN || errno == ENOTCONN) return absl::OkStatus();
    if (errno == EINTR) continue;
    return absl::UnavailableError(
        absl::StrCat("send to ", endpoint_.text(), ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

absl::Status HttpConnection::Receive() {
  std::array<char, 64 << 10> piece;
  while (true) {
    const ssize_t n = ::recv(fd_.get(), piece.data(), piece.size(), 0);
    if (n > 0) {
      if (!busy_) return absl::InternalError("an answer that nobody asked for");
      NEXUS_RETURN_IF_ERROR(reader_.Feed({piece.data(), static_cast<size_t>(n)}));
      if (reader_.done() || static_cast<size_t>(n) < piece.size()) return absl::OkStatus();
      continue;
    }
    if (n == 0) {
      return absl::UnavailableError(absl::StrCat(endpoint_.text(), reader_.started()
                                                                       ? " broke off its answer"
                                                                       : " closed the connection"));
    }
    if (errno == EAGAIN || errno == ENOTCONN) return absl::OkStatus();
    if (errno == EINTR) continue;
    return absl::UnavailableError(
        absl::StrCat("receive from ", endpoint_.text(), ": ", std::strerror(errno)));
  }
}

void HttpConnection::Finish() {
  const bool keep = reader_.keep_alive() && sent_ == out_.size();
  busy_ = false;
  reader_.Reset();
  if (!keep) Close();
}

void HttpConnection::Close() {
  busy_ = false;
  reader_.Reset();
  fd_.Reset();
}

}  // namespace nexus::policy
