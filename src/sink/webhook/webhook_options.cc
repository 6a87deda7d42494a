#include "sink/webhook/webhook_options.h"

#include "absl/strings/str_cat.h"
#include "fetch/http_get.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::sink {
namespace {

absl::Status InvalidWebhook(absl::string_view key, absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat("webhook.", key, " ", what));
}

// What stands between "//" and the path.
absl::string_view AuthorityOf(absl::string_view url) {
  const size_t begin = url.find("//");
  if (begin == absl::string_view::npos) return "";
  url.remove_prefix(begin + 2);
  return url.substr(0, url.find_first_of("/?#"));
}

}  // namespace

absl::Status Check(const WebhookOptions& options) {
  if (options.name.empty()) return InvalidWebhook("name", "must not be empty");
  // The message does not show it: there may be a token in it.
  if (!fetch::CheckTrustworthyUrl("events", options.url).ok()) {
    return InvalidWebhook("url", "must begin with https://, or http:// for this machine");
  }
  if (AuthorityOf(options.url).find('@') != absl::string_view::npos) {
    return InvalidWebhook("url", "must not hold a user; use bearer_token");
  }
  NEXUS_RETURN_IF_ERROR(CheckSecretPlace(options.signing_secret, "webhook.signing_secret"));
  NEXUS_RETURN_IF_ERROR(CheckSecretPlace(options.bearer_token, "webhook.bearer_token"));
  if (options.certificate_file.empty() != options.key_file.empty()) {
    return InvalidWebhook("certificate_file", "needs a key_file, and the other way round");
  }
  if (options.in_flight_max < 1 || options.in_flight_max > 1'000) {
    return InvalidWebhook("in_flight_max", "must be between 1 and 1000");
  }
  if (options.timeout < absl::Milliseconds(1) || options.timeout > absl::Minutes(10)) {
    return InvalidWebhook("timeout", "must be between 1 ms and 10 minutes");
  }
  return absl::OkStatus();
}

std::string PlaceOf(const std::string& url) { return url.substr(0, url.find_first_of("?#")); }

}  // namespace nexus::sink
