#include "policy/opa/http_connection.h"

#include <array>
#include <cassert>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"

namespace nexus::policy {

absl::Status HttpConnection::Send(std::string request) {
  assert(!busy_);
  reader_.Reset();
  reused_ = stream_.open();
  if (!reused_) NEXUS_RETURN_IF_ERROR(stream_.Open(endpoint_));
  out_ = std::move(request);
  sent_ = 0;
  busy_ = true;
  return Flush();
}

short HttpConnection::PollEvents() const {
  return stream_.open() ? stream_.PollEvents(busy_ && sent_ < out_.size()) : 0;
}

absl::Status HttpConnection::OnReady() {
  if (busy_) NEXUS_RETURN_IF_ERROR(Flush());
  NEXUS_RETURN_IF_ERROR(Receive());
  // What was read may have ended a handshake, for which the request has waited: nothing else would
  // wake it.
  return busy_ ? Flush() : absl::OkStatus();
}

absl::Status HttpConnection::Flush() {
  while (sent_ < out_.size()) {
    const absl::StatusOr<size_t> n = stream_.Send(absl::string_view(out_).substr(sent_));
    if (!n.ok()) {
      return absl::UnavailableError(
          absl::StrCat("send to ", endpoint_.text(), ": ", n.status().message()));
    }
    if (*n == 0) break;
    sent_ += *n;
  }
  return absl::OkStatus();
}

absl::Status HttpConnection::Receive() {
  std::array<char, 64 << 10> piece;
  while (true) {
    const absl::StatusOr<size_t> n = stream_.Receive(piece.data(), piece.size());
    if (absl::IsOutOfRange(n.status())) {
      return absl::UnavailableError(absl::StrCat(endpoint_.text(), reader_.started()
                                                                       ? " broke off its answer"
                                                                       : " closed the connection"));
    }
    if (!n.ok()) {
      return absl::UnavailableError(
          absl::StrCat("receive from ", endpoint_.text(), ": ", n.status().message()));
    }
    if (*n == 0) return absl::OkStatus();
    if (!busy_) return absl::InternalError("an answer that nobody asked for");
    NEXUS_RETURN_IF_ERROR(reader_.Feed({piece.data(), *n}));
    if (reader_.done()) return absl::OkStatus();
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
  stream_.Close();
}

}  // namespace nexus::policy
