#include "harness/proxy/fault_proxy.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>
#include <vector>

namespace nexus::harness {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

int Listen(int& port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  ::bind(fd, reinterpret_cast<sockaddr*>(&address), size);
  ::listen(fd, 64);
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  port = ntohs(address.sin_port);
  return fd;
}

void CloseWithReset(int fd) {
  const linger now{1, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
  ::close(fd);
}

void NoDelay(int fd) {
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

}  // namespace

FaultProxy::FaultProxy(int target_port) : target_port_(target_port) {
  listener_ = Listen(port_);
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  thread_ = std::thread([this] { Work(); });
}

FaultProxy::~FaultProxy() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  Wake();
  thread_.join();
  for (const Pair& pair : pairs_) {
    if (pair.over) continue;
    ::close(pair.client);
    if (!pair.half) ::close(pair.server);
  }
  ::close(listener_);
  ::close(wake_);
}

void FaultProxy::Wake() {
  const uint64_t one = 1;
  static_cast<void>(!::write(wake_, &one, sizeof(one)));
}

void FaultProxy::ResetAll() {
  absl::MutexLock lock(&mutex_);
  for (Pair& pair : pairs_) Reset(pair);
  Wake();
}

void FaultProxy::HalfOpen() {
  absl::MutexLock lock(&mutex_);
  for (Pair& pair : pairs_) {
    if (pair.over || pair.half) continue;
    CloseWithReset(std::exchange(pair.server, -1));
    pair.half = true;
  }
  Wake();
}

void FaultProxy::HoldAnswers(bool hold) {
  absl::MutexLock lock(&mutex_);
  hold_answers_ = hold;
  Wake();
}

void FaultProxy::Blackhole(bool on) {
  absl::MutexLock lock(&mutex_);
  blackhole_ = on;
  Wake();
}

void FaultProxy::Refuse(bool on) {
  absl::MutexLock lock(&mutex_);
  refuse_ = on;
}

size_t FaultProxy::bytes_passed() {
  absl::MutexLock lock(&mutex_);
  return bytes_passed_;
}

int FaultProxy::connections() {
  absl::MutexLock lock(&mutex_);
  return connections_;
}

void FaultProxy::Work() {
  while (true) {
    std::vector<pollfd> polled;
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return;
      pairs_.remove_if([](const Pair& pair) { return pair.over; });
      polled.push_back({wake_, POLLIN, 0});
      polled.push_back({listener_, POLLIN, 0});
      for (const Pair& pair : pairs_) {
        // A descriptor below 0 is not polled.
        polled.push_back({blackhole_ ? -1 : pair.client, POLLIN, 0});
        polled.push_back({blackhole_ || hold_answers_ ? -1 : pair.server, POLLIN, 0});
      }
    }
    ::poll(polled.data(), polled.size(), -1);
    absl::MutexLock lock(&mutex_);
    uint64_t count;
    if (polled[0].revents != 0) static_cast<void>(!::read(wake_, &count, sizeof(count)));
    size_t i = 2;
    for (Pair& pair : pairs_) {
      // What was asked for may have changed while nothing was there to read.
      const bool from_client = polled[i].fd >= 0 && polled[i].revents != 0 && !blackhole_;
      const bool from_server =
          polled[i + 1].fd >= 0 && polled[i + 1].revents != 0 && !blackhole_ && !hold_answers_;
      i += 2;
      if (pair.over) continue;
      if (pair.half) {
        if (from_client) Swallow(pair);
        continue;
      }
      if ((from_client && !Pass(pair.client, pair.server, true)) ||
          (from_server && !Pass(pair.server, pair.client, false))) {
        ::close(pair.client);
        ::close(pair.server);
        pair.over = true;
      }
    }
    if (polled[1].revents != 0) Accept();
  }
}

void FaultProxy::Accept() {
  const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
  if (client < 0) return;
  ++connections_;
  const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(target_port_);
  if (refuse_ ||
      ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    CloseWithReset(client);
    ::close(server);
    return;
  }
  NoDelay(client);
  NoDelay(server);
  pairs_.push_back({client, server});
}

bool FaultProxy::Pass(int from, int to, bool upstream) {
  char bytes[64 << 10];
  const ssize_t got = ::recv(from, bytes, sizeof(bytes), MSG_DONTWAIT);
  if (got < 0) return errno == EAGAIN || errno == EINTR;
  if (got == 0) return false;
  if (upstream) bytes_passed_ += static_cast<size_t>(got);
  for (ssize_t sent = 0; sent < got;) {
    // A side that takes nothing would hold up the test, and the proxy with it.
    const timeval limit{5, 0};
    ::setsockopt(to, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
    const ssize_t took = ::send(to, bytes + sent, static_cast<size_t>(got - sent), MSG_NOSIGNAL);
    if (took <= 0) return false;
    sent += took;
  }
  return true;
}

// Until the client gives up.
void FaultProxy::Swallow(Pair& pair) {
  char bytes[64 << 10];
  const ssize_t got = ::recv(pair.client, bytes, sizeof(bytes), MSG_DONTWAIT);
  if (got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR))) return;
  ::close(pair.client);
  pair.over = true;
}

void FaultProxy::Reset(Pair& pair) {
  if (pair.over) return;
  CloseWithReset(pair.client);
  if (!pair.half) CloseWithReset(pair.server);
  pair.over = true;
}

}  // namespace nexus::harness
