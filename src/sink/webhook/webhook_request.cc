#include "sink/webhook/webhook_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "sink/outbound/header_text.h"
#include "sink/outbound/unavailable.h"
#include "sink/webhook/webhook_outcome.h"
#include "sink/webhook/webhook_signature.h"

namespace nexus::sink {
namespace {

constexpr size_t kAnswerBytesMax = 1'024;
constexpr absl::Duration kConnectMax = absl::Seconds(5);

// A media type as it is; anything that would end the line is not sent.
bool FitsInALine(absl::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](unsigned char c) { return absl::ascii_iscntrl(c); });
}

}  // namespace

absl::StatusOr<std::unique_ptr<WebhookRequest>> WebhookRequest::Make(const WebhookOptions& options,
                                                                     const WebhookSecrets& secrets,
                                                                     const Outbox::Item& item,
                                                                     Timestamp now) {
  NEXUS_ASSIGN_OR_RETURN(Message message, Message::For(item.event, options.format));
  if (message.body().size() > options.message_bytes_max) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a value of ", message.body().size(), " bytes; the limit is ",
                                  options.message_bytes_max));
  }
  if (!FitsInALine(message.content_type())) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "a content type with control characters is no header");
  }
  std::unique_ptr<WebhookRequest> request(new WebhookRequest(options, item, std::move(message)));
  if (request->curl_ == nullptr) return Unavailable("no memory for a request");
  request->SetHeaders(secrets, now);
  request->SetUp();
  return request;
}

WebhookRequest::WebhookRequest(const WebhookOptions& options, Outbox::Item item, Message message)
    : options_(options),
      item_(std::move(item)),
      message_(std::move(message)),
      curl_(curl_easy_init()) {}

void WebhookRequest::AddHeader(const std::string& line) {
  headers_.reset(curl_slist_append(headers_.release(), line.c_str()));
}

void WebhookRequest::SetHeaders(const WebhookSecrets& secrets, Timestamp now) {
  for (const auto& [name, value] : message_.attributes()) {
    AddHeader(absl::StrCat("ce-", name, ": ", HeaderText(value)));
  }
  for (const auto& [name, value] : message_.headers()) {
    AddHeader(absl::StrCat(name, ": ", HeaderText(value)));
  }
  // Without a type the library would call it a form.
  AddHeader(message_.content_type().empty()
                ? "Content-Type: application/octet-stream"
                : absl::StrCat("Content-Type: ", message_.content_type()));
  AddHeader("Expect:");  // it would wait for leave to send the body
  if (!secrets.bearer.empty()) AddHeader(absl::StrCat("Authorization: Bearer ", secrets.bearer));
  if (!secrets.signing.empty()) {
    AddHeader(absl::StrCat(kSignatureHeader, ": ",
                           SignatureOf(secrets.signing, now.micros / 1'000'000, message_.body())));
  }
}

void WebhookRequest::SetUp() {
  CURL* curl = curl_.get();
  const absl::string_view body = message_.body();
  curl_easy_setopt(curl, CURLOPT_URL, options_.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                   static_cast<long>(absl::ToInt64Milliseconds(options_.timeout)));
  curl_easy_setopt(
      curl, CURLOPT_CONNECTTIMEOUT_MS,
      static_cast<long>(absl::ToInt64Milliseconds(std::min(options_.timeout, kConnectMax))));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  if (!options_.certificate_file.empty()) {
    curl_easy_setopt(curl, CURLOPT_SSLCERT, options_.certificate_file.c_str());
    curl_easy_setopt(curl, CURLOPT_SSLKEY, options_.key_file.c_str());
    curl_easy_setopt(curl, CURLOPT_KEYPASSWD, "");  // nobody is asked for one
  }
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "nexusd");
  curl_easy_setopt(curl, CURLOPT_POST, 1L);
  curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body.data() == nullptr ? "" : body.data());
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers_.get());
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &WebhookRequest::TakeWords);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_PRIVATE, this);
}

// The rest of a long answer is read and dropped; the time of the request bounds it.
size_t WebhookRequest::TakeWords(char* data, size_t one, size_t size, void* self) {
  std::string& words = static_cast<WebhookRequest*>(self)->words_;
  words.append(data, std::min(one * size, kAnswerBytesMax - words.size()));
  return one * size;
}

WebhookRequest::Outcome WebhookRequest::OutcomeOf(CURLcode code) {
  if (code != CURLE_OK) return {Unavailable(curl_easy_strerror(code)), absl::ZeroDuration()};
  long status = 0;
  curl_off_t retry_after = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(curl_.get(), CURLINFO_RETRY_AFTER, &retry_after);
  return {OutcomeOfHttp(status, words_), absl::Seconds(std::max<curl_off_t>(retry_after, 0))};
}

}  // namespace nexus::sink
