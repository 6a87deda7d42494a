#pragma once

// Documents from an HTTP server, by libcurl.
//
// Thread-safe. Blocks for at most the timeout: not for threads that answer calls.

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace nexus::fetch {

struct HttpRequest {
  std::string url;
  std::vector<std::string> headers = {};  // "Name: value"
  std::string ca_file = {};               // empty: what the system trusts
  absl::Duration timeout = absl::Seconds(5);
  size_t bytes_max = 1 << 20;                 // of the answer
  std::function<bool()> cancelled = nullptr;  // looked at once a second, and more often
};

struct HttpAnswer {
  long status = 0;
  std::string body;
  std::string etag;  // empty: it has none
};

// No redirects, no proxy, TLS 1.2 or later. NOT_READY: there is no answer, or it is too large.
absl::StatusOr<HttpAnswer> HttpGet(const HttpRequest& request);

// CONFIGURATION_INVALID unless it is https, or http to this machine: whoever can change `what`
// ("policies") on their way may do anything.
absl::Status CheckTrustworthyUrl(absl::string_view what, absl::string_view url);

}  // namespace nexus::fetch
