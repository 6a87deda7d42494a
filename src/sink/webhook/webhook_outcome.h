#pragma once

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

// What the status of an answer means to the router: OK for 2xx. kUnavailable where another time or
// other credentials would help every event (401, 407, 408, 425, 429, 5xx), or where the address is
// wrong (3xx: redirects are not followed). Other 4xx are of the event: ACCESS_DENIED (403),
// NOT_FOUND (404, 410), LIMIT_EXCEEDED (413), else MALFORMED_REQUEST. `words`: what the receiver
// said, shown as far as it can be.
absl::Status OutcomeOfHttp(long status, absl::string_view words);

}  // namespace nexus::sink
