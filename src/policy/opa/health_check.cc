#include "policy/opa/health_check.h"

#include <poll.h>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/http_connection.h"

namespace nexus::policy {

absl::Status CheckHealth(const Endpoint& endpoint, absl::Duration timeout) {
  HttpConnection connection(endpoint, 64 << 10);
  NEXUS_RETURN_IF_ERROR(
      connection.Send(FormatRequest({"GET", "/health?bundles", endpoint.host(), "", ""})));
  while (!connection.answered()) {
    pollfd waits{connection.fd(), connection.PollEvents(), 0};
    if (::poll(&waits, 1, static_cast<int>(absl::ToInt64Milliseconds(timeout))) == 0) {
      return absl::UnavailableError("no answer in time");
    }
    NEXUS_RETURN_IF_ERROR(connection.OnReady());
  }
  const int code = connection.response().code();
  if (code == 200) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat("HTTP ", code));
}

}  // namespace nexus::policy
