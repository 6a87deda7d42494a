#include "http/session.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace bhttp = boost::beast::http;

constexpr unsigned kHttp11 = 11;
constexpr std::chrono::seconds kDrainTime(1);
constexpr size_t kDrainBytesMax = 256 << 10;

// How a request that cannot be read is answered; 0: not at all, there is nobody to read it.
int StatusOfFault(beast::error_code error) {
  if (error == bhttp::error::header_limit || error == bhttp::error::buffer_overflow) return 431;
  if (error == bhttp::error::body_limit || error == bhttp::error::unexpected_body) return 413;
  if (error == bhttp::error::end_of_stream || error == bhttp::error::partial_message) return 0;
  const bool is_http =
      error.category() == bhttp::make_error_code(bhttp::error::bad_method).category();
  return is_http ? 400 : 0;  // else the network's or a timeout
}

std::pair<std::string, std::string> SplitTarget(beast::string_view target) {
  const size_t mark = target.find('?');
  if (mark == beast::string_view::npos) return {std::string(target), ""};
  return {std::string(target.substr(0, mark)), std::string(target.substr(mark + 1))};
}

std::string OneLine(int status) {
  return absl::StrCat(std::string(bhttp::obsolete_reason(static_cast<bhttp::status>(status))),
                      "\n");
}

}  // namespace

Site::Site(const HttpServerOptions& server_options, std::vector<Route> server_routes,
           std::vector<Area> server_areas, MetricsRegistry& registry, asio::io_context& io)
    : options(server_options),
      areas(std::move(server_areas)),
      mailbox(std::make_shared<Mailbox>(io)),
      metrics(registry),
      connections(registry.GetGauge("nexus_http_connections", "HTTP connections open.", {})),
      handshakes_failed(registry.GetCounter("nexus_http_tls_handshakes_failed_total",
                                            "Connections to the HTTP port whose TLS failed.", {})) {
  for (Route& route : server_routes) {
    std::string path = route.path;
    Answered(path, 200);  // shown from the start, at 0
    routes.emplace(std::move(path), std::move(route));
  }
}

Area* Site::FindArea(const std::string& path) {
  for (Area& area : areas) {
    if (!absl::StartsWith(path, area.prefix)) continue;
    if (path.size() == area.prefix.size() || path[area.prefix.size()] == '/') return &area;
  }
  return nullptr;
}

std::string Site::LabelOf(const std::string& path) {
  if (routes.count(path) > 0) return path;
  const Area* area = FindArea(path);
  if (area == nullptr) return "other";
  return area->prefix.empty() ? "/" : area->prefix;
}

Counter& Site::Answered(const std::string& label, int status) {
  return metrics.GetCounter("nexus_http_requests_total",
                            "HTTP requests answered, by path and status class.",
                            {{"path", label}, {"status", absl::StrCat(status / 100, "xx")}});
}

Session::Session(asio::ip::tcp::socket socket, Site& site)
    : host_(HostOf(socket)),
      wire_(std::move(socket), site.options.tls == nullptr ? nullptr : site.options.tls->Current()),
      site_(site),
      buffer_(site.options.header_bytes_max) {
  site_.sessions.insert(this);
  site_.connections.Add(1);
}

std::string Session::HostOf(const asio::ip::tcp::socket& socket) {
  beast::error_code gone;
  const auto client = socket.remote_endpoint(gone);
  return gone ? "" : client.address().to_string();
}

Session::~Session() {
  site_.sessions.erase(this);
  site_.connections.Add(-1);
}

void Session::Start() {
  if (!wire_.encrypted()) return Read();
  wire_.tcp().expires_after(absl::ToChronoNanoseconds(site_.options.request_timeout));
  wire_.async_handshake(
      [self = shared_from_this()](beast::error_code error) { self->OnHandshake(error); });
}

void Session::OnHandshake(beast::error_code error) {
  if (error) {
    site_.handshakes_failed.Add(1);
    return Close();
  }
  std::optional<tls::PeerNames> names = tls::PeerNamesOf(wire_.tls());
  if (names.has_value()) {
    certificate_ = std::make_shared<const tls::PeerNames>(*std::move(names));
  }
  Read();
}

void Session::Close() {
  beast::error_code ignored;
  wire_.tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  wire_.tcp().close();
  // May be the end of this object: nothing follows.
  const std::shared_ptr<Session> last = std::move(waiting_);
}

void Session::Read() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(site_.options.header_bytes_max));
  // What may come is known with the path. (Not "none": Boost 1.74 takes that for 0.)
  parser_->body_limit(std::numeric_limits<std::uint64_t>::max());
  // The whole request must come in this time: a client that sends a byte now and then does not
  // prolong it.
  wire_.tcp().expires_after(absl::ToChronoNanoseconds(site_.options.request_timeout));
  bhttp::async_read_header(
      wire_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, size_t) { self->OnHeader(error); });
}

void Session::OnHeader(beast::error_code error) {
  if (error) return OnFault(error);
  const Area* area = site_.FindArea(SplitTarget(parser_->get().target()).first);
  const size_t most = area == nullptr ? 0 : area->body_bytes_max;
  if (parser_->content_length().value_or(0) > most) return OnFault(bhttp::error::body_limit);
  parser_->body_limit(most);
  bhttp::async_read(
      wire_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code failed, size_t) { self->OnRead(failed); });
}

void Session::OnFault(beast::error_code error) {
  const int status = StatusOfFault(error);
  if (status == 0) {
    Close();
  } else {
    SendFault(status, OneLine(status));
  }
}

void Session::OnRead(beast::error_code error) {
  if (error) return OnFault(error);
  auto& message = parser_->get();
  const bool is_head = message.method() == bhttp::verb::head;
  const bool keep_alive = message.keep_alive();
  Request request;
  std::tie(request.path, request.query) = SplitTarget(message.target());
  request.method = is_head ? "GET" : std::string(message.method_string());
  request.host = host_;
  request.certificate = certificate_;
  for (const auto& field : message) {
    request.headers[absl::AsciiStrToLower(absl::string_view(
        field.name_string().data(), field.name_string().size()))] = std::string(field.value());
  }
  if (message.version() < kHttp11 - 1 || message.version() > kHttp11) {
    SendFault(505, OneLine(505));
  } else if (Area* area = site_.FindArea(request.path);
             area != nullptr && site_.routes.count(request.path) == 0) {
    request.body = std::move(message.body());
    AnswerLater(*area, std::move(request), is_head, keep_alive);
  } else if (request.method != "GET") {
    SendFault(405, "GET and HEAD are what this port answers\n");
  } else {
    Response response = Answer(request);
    Send(request.path, std::move(response), is_head, keep_alive);
  }
}

void Session::AnswerLater(Area& area, Request request, bool is_head, bool keep_alive) {
  waiting_ = shared_from_this();
  // Weak: when the answer comes this may have been closed.
  Reply reply = [mailbox = site_.mailbox, self = weak_from_this(), path = request.path, is_head,
                 keep_alive](Response response) mutable {
    mailbox->Post([self, path, is_head, keep_alive, response = std::move(response)]() mutable {
      const std::shared_ptr<Session> session = self.lock();
      if (session == nullptr || session->waiting_ == nullptr) return;
      session->waiting_.reset();
      session->Send(path, std::move(response), is_head, keep_alive);
    });
  };
  area.answer(std::move(request), std::move(reply));
}

Response Session::Answer(const Request& request) {
  const auto route = site_.routes.find(request.path);
  if (route != site_.routes.end()) return route->second.answer(request);
  Response none;
  none.status = 404;
  none.body = "nothing is here; / lists what is\n";
  return none;
}

void Session::Send(const std::string& path, Response response, bool is_head, bool keep_alive) {
  site_.Answered(site_.LabelOf(path), response.status).Add(1);
  reply_.emplace(static_cast<bhttp::status>(response.status), kHttp11);
  reply_->set(bhttp::field::server, "nexusd");
  reply_->set(bhttp::field::content_type, response.content_type);
  reply_->set(bhttp::field::cache_control, "no-store");
  reply_->set("X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) reply_->set(name, value);
  if (response.status == 405) reply_->set(bhttp::field::allow, "GET, HEAD");
  reply_->content_length(response.body.size());
  reply_->keep_alive(keep_alive);
  if (!is_head) reply_->body() = std::move(response.body);
  wire_.tcp().expires_after(absl::ToChronoNanoseconds(site_.options.request_timeout));
  bhttp::async_write(wire_, *reply_,
                     [self = shared_from_this(), keep_alive](beast::error_code error, size_t) {
                       self->OnSent(error, keep_alive);
                     });
}

void Session::OnSent(beast::error_code error, bool keep_alive) {
  if (error) {
    Close();
  } else if (keep_alive) {
    Read();
  } else {
    Hang();
  }
}

void Session::Hang() {
  wire_.tcp().expires_after(kDrainTime);
  if (wire_.encrypted()) {
    // Reads what still comes until the client has said goodbye too.
    wire_.async_shutdown([self = shared_from_this()](beast::error_code) { self->Close(); });
    return;
  }
  beast::error_code ignored;
  wire_.tcp().socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  Drain();
}

void Session::SendFault(int status, const std::string& text) {
  Response response;
  response.status = status;
  response.body = text;
  Send("", std::move(response), /*is_head=*/false, /*keep_alive=*/false);
}

// Closing with unread bytes would reset the connection, and the client might never see the answer.
// So what it still sends is thrown away, within bounds.
void Session::Drain() {
  buffer_.clear();
  wire_.async_read_some(buffer_.prepare(site_.options.header_bytes_max),
                        [self = shared_from_this()](beast::error_code error, size_t bytes) {
                          self->drained_bytes_ += bytes;
                          if (error || self->drained_bytes_ > kDrainBytesMax) {
                            self->Close();
                          } else {
                            self->Drain();
                          }
                        });
}

}  // namespace nexus::http
