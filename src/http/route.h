#pragma once

// What an address of the HTTP port answers. No vendor's type in it.

#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"

namespace nexus::http {

struct Request {
  std::string path;   // "/health/ready", as sent, without the query
  std::string query;  // "verbose", without the question mark
};

struct Response {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// Answers GET and HEAD of exactly `path`. `answer` runs on the server's one thread and must be
// quick: while it runs, nobody else is answered.
struct Route {
  std::string path;
  absl::AnyInvocable<Response(const Request&)> answer;
};

}  // namespace nexus::http
