#pragma once

// The HTTP port: small answers to GET and HEAD for operators and their tools, and areas that answer
// everything below a path.
//
// One thread of its own serves all connections. Everything is bounded: connections, the size of a
// header and of a body, the time for a request. Only areas take bodies.
//
// Thread-safe. Stop() (and the destructor) closes all connections and joins the thread; it must not
// be called by an answer.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/route.h"
#include "nexus/port/metrics.h"
#include "tls/server_context.h"

namespace nexus::http {

struct HttpServerOptions {
  std::string address = "127.0.0.1:7071";  // host:port or [::1]:port; port 0: any free one
  size_t connections_max = 256;            // more are answered with 503 and closed
  size_t header_bytes_max = 8 << 10;       // a larger header is answered with 431
  // From the end of one answer (or the connection's begin) to the end of the next request, and for
  // sending an answer. Then the connection is closed.
  absl::Duration request_timeout = absl::Seconds(10);
  // Null: connections are not encrypted. Must have a certificate, and outlive the server.
  const tls::ServerContexts* tls = nullptr;
};

class HttpServer {
 public:
  // Listens when it returns. CONFIGURATION_INVALID if the address is malformed, not of this
  // machine, or in use. `metrics` must outlive the server.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           std::vector<Route> routes,
                                                           std::vector<Area> areas,
                                                           MetricsRegistry& metrics);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  // "127.0.0.1:41235": with the port in use.
  const std::string& address() const;

  // May be called again.
  void Stop();

 private:
  struct Running;

  explicit HttpServer(std::unique_ptr<Running> running);

  const std::unique_ptr<Running> running_;
};

}  // namespace nexus::http
