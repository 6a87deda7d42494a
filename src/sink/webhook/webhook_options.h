#pragma once

// What the webhook sink is told. docs/how-to/route-to-webhook.md says what a receiver has to do.

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "sink/outbound/message.h"
#include "sink/outbound/secret.h"

namespace nexus::sink {

struct WebhookOptions {
  std::string name = "webhook";  // of the sink: [a-z0-9-]+
  std::string url;               // https, or http to this machine
  MessageFormat format = {};
  SecretPlace signing_secret = {};    // empty: requests are not signed
  SecretPlace bearer_token = {};      // empty: none is shown
  std::string ca_file = {};           // PEM; empty: what the system trusts
  std::string certificate_file = {};  // PEM, this client's own; empty: none is shown
  std::string key_file = {};
  size_t in_flight_max = 16;  // requests at once, one a stream
  size_t queue_events_max = 20'000;
  size_t queue_bytes_max = 128 << 20;
  size_t message_bytes_max = 16 << 20;
  absl::Duration timeout = absl::Seconds(10);          // of one request
  absl::Duration retry_after_max = absl::Seconds(60);  // that a receiver can make the sink wait
};

// CONFIGURATION_INVALID, naming the option.
absl::Status Check(const WebhookOptions& options);

// The URL without what may be secret in it: "https://host/path".
std::string PlaceOf(const std::string& url);

}  // namespace nexus::sink
