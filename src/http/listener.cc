#include "http/listener.h"

#include <boost/asio/buffer.hpp>
#include <chrono>
#include <utility>
#include <vector>

namespace nexus::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

// Without a file descriptor to spare, accepting fails at once, again and again.
constexpr std::chrono::milliseconds kRest(100);

constexpr char kFull[] =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n"
    "Retry-After: 1\r\n\r\n";

// A new socket has room for this, so nothing waits.
void Refuse(Tcp::socket socket) {
  ErrorCode ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(kFull, sizeof(kFull) - 1), ignored);
  socket.shutdown(Tcp::socket::shutdown_send, ignored);
}

}  // namespace

Listener::Listener(Tcp::acceptor acceptor, Site& site)
    : acceptor_(std::move(acceptor)), rest_(acceptor_.get_executor()), site_(site) {}

void Listener::Listen() {
  if (closed_) return;
  acceptor_.async_accept([self = shared_from_this()](ErrorCode error, Tcp::socket socket) {
    self->Take(error, std::move(socket));
  });
}

void Listener::Take(ErrorCode error, Tcp::socket socket) {
  if (closed_) return;
  if (error) {
    RestAndListen();
    return;
  }
  if (site_.sessions.size() >= site_.options.connections_max) {
    Refuse(std::move(socket));
  } else {
    std::make_shared<Session>(std::move(socket), site_)->Start();
  }
  Listen();
}

void Listener::RestAndListen() {
  rest_.expires_after(kRest);
  rest_.async_wait([self = shared_from_this()](ErrorCode) { self->Listen(); });
}

void Listener::Close() {
  closed_ = true;
  ErrorCode ignored;
  acceptor_.close(ignored);
  rest_.cancel();
  // Closing a session takes it out of the set.
  const std::vector<Session*> open(site_.sessions.begin(), site_.sessions.end());
  for (Session* session : open) session->Close();
}

}  // namespace nexus::http
