#include "http/session.h"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/write.hpp>
#include <chrono>
#include <utility>

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
           MetricsRegistry& registry)
    : options(server_options),
      metrics(registry),
      connections(registry.GetGauge("nexus_http_connections", "HTTP connections open.", {})) {
  for (Route& route : server_routes) {
    std::string path = route.path;
    Answered(path, 200);  // shown from the start, at 0
    routes.emplace(std::move(path), std::move(route));
  }
}

Counter& Site::Answered(const std::string& path, int status) {
  return metrics.GetCounter("nexus_http_requests_total",
                            "HTTP requests answered, by path and status class.",
                            {{"path", path}, {"status", absl::StrCat(status / 100, "xx")}});
}

Session::Session(asio::ip::tcp::socket socket, Site& site)
    : stream_(std::move(socket)), site_(site), buffer_(site.options.header_bytes_max) {
  site_.sessions.insert(this);
  site_.connections.Add(1);
}

Session::~Session() {
  site_.sessions.erase(this);
  site_.connections.Add(-1);
}

void Session::Close() {
  beast::error_code ignored;
  stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
  stream_.close();
}

void Session::Read() {
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(site_.options.header_bytes_max));
  parser_->body_limit(0);
  // The whole header must come in this time: a client that sends a byte now and then does not
  // prolong it.
  stream_.expires_after(absl::ToChronoNanoseconds(site_.options.request_timeout));
  bhttp::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](beast::error_code error, size_t) { self->OnRead(error); });
}

void Session::OnRead(beast::error_code error) {
  if (error) {
    const int status = StatusOfFault(error);
    if (status == 0) {
      Close();
    } else {
      SendFault(status, OneLine(status));
    }
    return;
  }
  const auto& message = parser_->get();
  auto [path, query] = SplitTarget(message.target());
  const bool is_head = message.method() == bhttp::verb::head;
  if (message.version() < kHttp11 - 1 || message.version() > kHttp11) {
    SendFault(505, OneLine(505));
  } else if (!is_head && message.method() != bhttp::verb::get) {
    SendFault(405, "GET and HEAD are what this port answers\n");
  } else {
    Response response = Answer({path, std::move(query)});
    Send(path, std::move(response), is_head, message.keep_alive());
  }
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
  site_.Answered(site_.routes.count(path) > 0 ? path : "other", response.status).Add(1);
  reply_.emplace(static_cast<bhttp::status>(response.status), kHttp11);
  reply_->set(bhttp::field::server, "nexusd");
  reply_->set(bhttp::field::content_type, response.content_type);
  reply_->set(bhttp::field::cache_control, "no-store");
  reply_->set("X-Content-Type-Options", "nosniff");
  if (response.status == 405) reply_->set(bhttp::field::allow, "GET, HEAD");
  reply_->content_length(response.body.size());
  reply_->keep_alive(keep_alive);
  if (!is_head) reply_->body() = std::move(response.body);
  stream_.expires_after(absl::ToChronoNanoseconds(site_.options.request_timeout));
  bhttp::async_write(stream_, *reply_,
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
    beast::error_code ignored;
    stream_.socket().shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    stream_.expires_after(kDrainTime);
    Drain();
  }
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
  stream_.async_read_some(buffer_.prepare(site_.options.header_bytes_max),
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
