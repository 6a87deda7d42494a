#pragma once

// Tells systemd how the service does: one datagram to the socket that $NOTIFY_SOCKET names.
//
//   ServiceNotifier notifier(environment["NOTIFY_SOCKET"]);
//   notifier.Notify("READY=1\nSTATUS=serving");
//
// Immutable, hence thread-safe.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::telemetry {

class ServiceNotifier {
 public:
  // The value of $NOTIFY_SOCKET: a path, or '@' and an abstract name. Empty: nobody listens.
  explicit ServiceNotifier(absl::string_view socket) : socket_(socket) {}

  // Lines of KEY=value. OK where nobody listens; never blocks. Otherwise kInternal with the reason,
  // which is worth a log line and nothing more.
  absl::Status Notify(absl::string_view state) const;

 private:
  const std::string socket_;
};

}  // namespace nexus::telemetry
