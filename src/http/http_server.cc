#include "http/http_server.h"

#include <pthread.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "http/listener.h"
#include "http/session.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::http {
namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using ErrorCode = boost::system::error_code;

absl::Status CannotListen(const std::string& address, absl::string_view why) {
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("HTTP cannot listen on ", address, ": ", why));
}

absl::StatusOr<Tcp::endpoint> Resolve(asio::io_context& io, const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0) {
    return CannotListen(address, "it must be host:port");
  }
  uint32_t port = 0;
  if (!absl::SimpleAtoi(address.substr(colon + 1), &port) || port > 65'535) {
    return CannotListen(address, "its port must be a number from 0 to 65535");
  }
  std::string host = address.substr(0, colon);
  if (host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  ErrorCode error;
  Tcp::resolver resolver(io);
  const auto found = resolver.resolve(host, "", Tcp::resolver::passive, error);
  if (error || found.empty()) return CannotListen(address, error.message());
  return Tcp::endpoint(found.begin()->endpoint().address(), static_cast<uint16_t>(port));
}

absl::StatusOr<Tcp::acceptor> Bind(asio::io_context& io, const std::string& address) {
  NEXUS_ASSIGN_OR_RETURN(const Tcp::endpoint endpoint, Resolve(io, address));
  Tcp::acceptor acceptor(io);
  ErrorCode error;
  acceptor.open(endpoint.protocol(), error);
  // A port that was just ours may still have old connections in TIME_WAIT.
  if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
  if (error) return CannotListen(address, error.message());
  return acceptor;
}

std::string TextOf(const Tcp::endpoint& endpoint) {
  const std::string host = endpoint.address().to_string();
  const bool is_v6 = endpoint.address().is_v6();
  return absl::StrCat(is_v6 ? "[" : "", host, is_v6 ? "]:" : ":", endpoint.port());
}

}  // namespace

struct HttpServer::Running {
  Running(const HttpServerOptions& options, std::vector<Route> routes, std::vector<Area> areas,
          MetricsRegistry& metrics)
      : site(options, std::move(routes), std::move(areas), metrics, io) {}

  asio::io_context io{1};
  Site site;
  std::shared_ptr<Listener> listener;
  std::string address;

  absl::Mutex join_mutex;
  std::thread thread ABSL_GUARDED_BY(join_mutex);
};

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(const HttpServerOptions& options,
                                                              std::vector<Route> routes,
                                                              std::vector<Area> areas,
                                                              MetricsRegistry& metrics) {
  auto running = std::make_unique<Running>(options, std::move(routes), std::move(areas), metrics);
  NEXUS_ASSIGN_OR_RETURN(Tcp::acceptor acceptor, Bind(running->io, options.address));
  ErrorCode error;
  running->address = TextOf(acceptor.local_endpoint(error));
  running->listener = std::make_shared<Listener>(std::move(acceptor), running->site);
  running->listener->Listen();
  {
    absl::MutexLock lock(&running->join_mutex);
    running->thread = std::thread([io = &running->io] {
      pthread_setname_np(pthread_self(), "http");
      io->run();
    });
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(running)));
}

HttpServer::HttpServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}

HttpServer::~HttpServer() { Stop(); }

const std::string& HttpServer::address() const { return running_->address; }

void HttpServer::Stop() {
  // On the server's thread, where all of its state lives.
  asio::post(running_->io, [listener = running_->listener] { listener->Close(); });
  absl::MutexLock lock(&running_->join_mutex);
  if (running_->thread.joinable()) running_->thread.join();
  // Answers that come now have nobody to go to.
  running_->site.mailbox->Close();
}

}  // namespace nexus::http
