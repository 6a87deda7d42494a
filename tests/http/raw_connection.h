#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>
#include <utility>

#include "gtest/gtest.h"

namespace nexus::http {

// A bare TCP connection to 127.0.0.1, for requests that no client library would send. Every wait
// ends after 30 s.
class RawConnection {
 public:
  // `address` is "127.0.0.1:port".
  explicit RawConnection(const std::string& address) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port =
        htons(static_cast<uint16_t>(std::atoi(address.substr(address.rfind(':') + 1).c_str())));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof(to)) == 0;
  }
  RawConnection(RawConnection&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_) {}
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;
  ~RawConnection() {
    if (fd_ >= 0) close(fd_);
  }

  bool connected() const { return connected_; }

  // False if the peer has closed.
  bool Send(const std::string& bytes) {
    size_t sent = 0;
    while (sent < bytes.size()) {
      const ssize_t n = send(fd_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return false;
      sent += static_cast<size_t>(n);
    }
    return true;
  }
  void FinishSending() { shutdown(fd_, SHUT_WR); }

  // Everything until the peer closes.
  std::string ReadAll() {
    while (ReadSome()) {
    }
    return std::move(received_);
  }
  // Up to and with the `count`-th `mark`; what comes after it stays for later.
  std::string ReadThrough(const std::string& mark, int count = 1) {
    while (true) {
      size_t end = 0;
      int found = 0;
      while (found < count) {
        const size_t at = received_.find(mark, end);
        if (at == std::string::npos) break;
        end = at + mark.size();
        ++found;
      }
      if (found == count) {
        std::string text = received_.substr(0, end);
        received_.erase(0, end);
        return text;
      }
      if (!ReadSome()) return std::move(received_);
    }
  }

 private:
  bool ReadSome() {
    pollfd wait{fd_, POLLIN, 0};
    if (poll(&wait, 1, 30'000) <= 0) {
      ADD_FAILURE() << "nothing came in 30 s";
      return false;
    }
    char bytes[16 << 10];
    const ssize_t n = recv(fd_, bytes, sizeof(bytes), 0);
    if (n <= 0) return false;
    received_.append(bytes, static_cast<size_t>(n));
    return true;
  }

  int fd_;
  bool connected_ = false;
  std::string received_;
};

}  // namespace nexus::http
