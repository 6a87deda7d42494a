#pragma once

// One connection: reads a request, answers it, reads the next. Lives on the server's thread, and as
// long as something is under way on it.

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/http_server.h"
#include "http/route.h"

namespace nexus::http {

class Session;

// What all connections share.
struct Site {
  Site(const HttpServerOptions& server_options, std::vector<Route> server_routes,
       MetricsRegistry& registry);

  // The counter of a path and a status class ("2xx"); paths without a route are one, "other".
  Counter& Answered(const std::string& path, int status);

  const HttpServerOptions options;
  std::map<std::string, Route> routes;
  std::set<Session*> sessions;
  MetricsRegistry& metrics;
  Gauge& connections;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, Site& site);
  ~Session();

  void Start() { Read(); }
  void Close();

 private:
  using RequestParser = boost::beast::http::request_parser<boost::beast::http::empty_body>;
  using Reply = boost::beast::http::response<boost::beast::http::string_body>;

  void Read();
  void OnRead(boost::beast::error_code error);
  Response Answer(const Request& request);
  void Send(const std::string& path, Response response, bool is_head, bool keep_alive);
  void OnSent(boost::beast::error_code error, bool keep_alive);
  void SendFault(int status, const std::string& text);
  void Drain();

  boost::beast::tcp_stream stream_;
  Site& site_;
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  std::optional<Reply> reply_;
  size_t drained_bytes_ = 0;
};

}  // namespace nexus::http
