#pragma once

// One connection: reads a request, answers it, reads the next. Lives on the server's thread, and as
// long as something is under way on it.

#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "http/http_server.h"
#include "http/mailbox.h"
#include "http/route.h"
#include "http/wire.h"

namespace nexus::http {

class Session;

// What all connections share.
struct Site {
  Site(const HttpServerOptions& server_options, std::vector<Route> server_routes,
       std::vector<Area> server_areas, MetricsRegistry& registry, boost::asio::io_context& io);

  // The area that `path` is in, or null.
  Area* FindArea(const std::string& path);
  // How `path` is called in metrics.
  std::string LabelOf(const std::string& path);

  // The counter of a label and a status class ("2xx").
  Counter& Answered(const std::string& label, int status);

  const HttpServerOptions options;
  std::map<std::string, Route> routes;
  std::vector<Area> areas;
  const std::shared_ptr<Mailbox> mailbox;  // shared with answers that are still to come
  std::set<Session*> sessions;
  MetricsRegistry& metrics;
  Gauge& connections;
  Counter& handshakes_failed;
};

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(boost::asio::ip::tcp::socket socket, Site& site);
  ~Session();

  void Start();
  void Close();

 private:
  using RequestParser = boost::beast::http::request_parser<boost::beast::http::string_body>;
  using HttpReply = boost::beast::http::response<boost::beast::http::string_body>;

  static std::string HostOf(const boost::asio::ip::tcp::socket& socket);

  void Read();
  void OnHandshake(boost::beast::error_code error);
  void OnHeader(boost::beast::error_code error);
  void OnRead(boost::beast::error_code error);
  void OnFault(boost::beast::error_code error);
  Response Answer(const Request& request);
  void AnswerLater(Area& area, Request request, bool is_head, bool keep_alive);
  void Send(const std::string& path, Response response, bool is_head, bool keep_alive);
  void OnSent(boost::beast::error_code error, bool keep_alive);
  void SendFault(int status, const std::string& text);
  void Drain();
  void Hang();

  std::string host_;  // of the client
  Wire wire_;
  Site& site_;
  std::shared_ptr<const tls::PeerNames> certificate_;  // null: the client showed none
  boost::beast::flat_buffer buffer_;
  std::optional<RequestParser> parser_;
  std::optional<HttpReply> reply_;
  // Itself, while an answer is to come from another thread: nothing else holds it then.
  std::shared_ptr<Session> waiting_;
  size_t drained_bytes_ = 0;
};

}  // namespace nexus::http
