#pragma once

// What an address of the HTTP port answers. No vendor's type in it.

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "tls/peer_names.h"

namespace nexus::http {

struct Request {
  std::string path;    // "/health/ready", as sent, without the query
  std::string query;   // "verbose", without the question mark
  std::string method;  // "GET"; that of a HEAD too
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string host = {};  // where the client is: "192.0.2.1", "2001:db8::1"; empty: not known
  // Of a client whose certificate TLS has verified; null: it showed none.
  std::shared_ptr<const tls::PeerNames> certificate = nullptr;
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};
  std::vector<std::pair<std::string, std::string>> headers = {};  // more of them
};

// Answers GET and HEAD of exactly `path`. `answer` runs on the server's one thread and must be
// quick: while it runs, nobody else is answered.
struct Route {
  std::string path;
  absl::AnyInvocable<Response(const Request&)> answer;
};

// Gives the answer to one request: once, from any thread, at any time. After the client or the
// server has gone it does nothing.
using Reply = absl::AnyInvocable<void(Response)>;

// Answers every method of `prefix` itself and of all below it. `answer` runs on the server's thread
// and must not wait: what takes time calls `reply` later.
struct Area {
  std::string prefix;         // "/schema-registry", without a slash at the end
  size_t body_bytes_max = 0;  // a larger body is answered with 413
  absl::AnyInvocable<void(Request request, Reply reply)> answer;
};

}  // namespace nexus::http
