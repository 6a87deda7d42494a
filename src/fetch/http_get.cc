#include "fetch/http_get.h"

#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"

namespace nexus::fetch {
namespace {

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using CurlPtr = std::unique_ptr<CURL, FreeCurl>;
using HeadersPtr = std::unique_ptr<curl_slist, FreeCurl>;

absl::Status Failed(absl::string_view where, absl::string_view why) {
  return MakeError(ErrorReason::kNotReady, absl::StrCat(where, ": ", why));
}

// One transfer: what the library is given, and what comes.
struct Transfer {
  const HttpRequest& request;
  HttpAnswer answer = {};
  bool too_large = false;
};

// Anything but `size` ends the transfer.
size_t TakeBody(char* data, size_t one, size_t size, void* transfer) {
  auto& of = *static_cast<Transfer*>(transfer);
  of.too_large = of.answer.body.size() + one * size > of.request.bytes_max;
  if (of.too_large) return 0;
  of.answer.body.append(data, one * size);
  return one * size;
}

size_t TakeHeader(char* data, size_t one, size_t size, void* transfer) {
  constexpr absl::string_view kEtag = "etag:";
  const absl::string_view line(data, one * size);
  if (absl::StartsWithIgnoreCase(line, kEtag)) {
    static_cast<Transfer*>(transfer)->answer.etag =
        std::string(absl::StripAsciiWhitespace(line.substr(kEtag.size())));
  }
  return one * size;
}

int LookForCancel(void* transfer, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  const auto& cancelled = static_cast<Transfer*>(transfer)->request.cancelled;
  return cancelled && cancelled() ? 1 : 0;
}

void SetOptions(CURL* curl, Transfer& transfer) {
  const HttpRequest& request = transfer.request;
  const long milliseconds = static_cast<long>(absl::ToInt64Milliseconds(request.timeout));
  constexpr long kConnectMsMax = 5'000;
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, std::min(milliseconds, kConnectMsMax));
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.bytes_max));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!request.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, request.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "nexusd");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &TakeBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &TakeHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &LookForCancel);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &transfer);
}

bool IsTrustworthy(absl::string_view url) {
  absl::string_view rest = url;
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 127; });
  if (!plain) return false;
  if (absl::ConsumePrefix(&rest, "https://")) return !rest.empty() && rest[0] != '/';
  if (!absl::ConsumePrefix(&rest, "http://")) return false;
  // All of the host: what follows a name and an '@' would be another one.
  const absl::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  for (const absl::string_view host : {"localhost", "127.0.0.1", "[::1]"}) {
    absl::string_view port = authority;
    if (!absl::ConsumePrefix(&port, host)) continue;
    const bool digits =
        absl::ConsumePrefix(&port, ":") &&
        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (port.empty() || digits) return true;
  }
  return false;
}

}  // namespace

absl::StatusOr<HttpAnswer> HttpGet(const HttpRequest& request) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const CurlPtr curl(curl_easy_init());
  if (curl == nullptr) return Failed(request.url, "no memory");
  Transfer transfer{request};
  SetOptions(curl.get(), transfer);
  HeadersPtr headers;
  for (const std::string& header : request.headers) {
    headers.reset(curl_slist_append(headers.release(), header.c_str()));
  }
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  const CURLcode code = curl_easy_perform(curl.get());
  if (transfer.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return Failed(request.url, "the answer is too large");
  }
  if (code != CURLE_OK) return Failed(request.url, curl_easy_strerror(code));
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &transfer.answer.status);
  return std::move(transfer.answer);
}

absl::Status CheckTrustworthyUrl(absl::string_view what, absl::string_view url) {
  if (IsTrustworthy(url)) return absl::OkStatus();
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat(what, " are fetched by https, or by http from this machine; not ",
                                "from \"", url, "\""));
}

}  // namespace nexus::fetch
