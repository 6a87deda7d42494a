#include "identity/jwks/key_places.h"

#include <curl/curl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

constexpr long kHttpOk = 200;

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};
using CurlPtr = std::unique_ptr<CURL, FreeCurl>;

absl::Status Failed(absl::string_view where, absl::string_view why) {
  return MakeError(ErrorReason::kNotReady, absl::StrCat(where, ": ", why));
}

absl::StatusOr<std::string> ReadKeyFile(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return Failed(path, std::strerror(errno));
  if (!S_ISREG(info.st_mode)) return Failed(path, "is not a regular file");
  if (static_cast<size_t>(info.st_size) > kJwkSetBytesMax) return Failed(path, "is too large");
  std::ifstream file(path, std::ios::binary);
  std::string text(kJwkSetBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) return Failed(path, "cannot be read");
  text.resize(static_cast<size_t>(file.gcount()));
  return text;  // one that has grown meanwhile is refused by JwkSet
}

// Anything but `size` ends the transfer.
size_t Collect(char* data, size_t one, size_t size, void* text) {
  auto& body = *static_cast<std::string*>(text);
  if (body.size() + one * size > kJwkSetBytesMax) return 0;
  body.append(data, one * size);
  return one * size;
}

void SetOptions(CURL* curl, const KeyUrl& source, std::string* body) {
  const long milliseconds = static_cast<long>(absl::ToInt64Milliseconds(source.timeout));
  curl_easy_setopt(curl, CURLOPT_URL, source.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds);
  curl_easy_setopt(curl, CURLOPT_MAXFILESIZE, static_cast<long>(kJwkSetBytesMax));
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!source.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, source.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "nexusd");
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Collect);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
}

absl::StatusOr<std::string> Get(const KeyUrl& source) {
  const CurlPtr curl(curl_easy_init());
  if (curl == nullptr) return Failed(source.url, "no memory");
  std::string body;
  SetOptions(curl.get(), source, &body);
  const CURLcode code = curl_easy_perform(curl.get());
  if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED) {
    return Failed(source.url, "the answer is too large");
  }
  if (code != CURLE_OK) return Failed(source.url, curl_easy_strerror(code));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status != kHttpOk) return Failed(source.url, absl::StrCat("answered ", status));
  return body;
}

}  // namespace

KeyRefresher::Fetch KeysFromFile(std::string path) {
  return [path = std::move(path)] { return ReadKeyFile(path); };
}

absl::Status CheckKeyUrl(absl::string_view url) {
  absl::string_view rest = url;
  const bool plain = std::all_of(url.begin(), url.end(), [](char c) { return c > ' ' && c < 127; });
  if (plain && absl::ConsumePrefix(&rest, "https://") && !rest.empty() && rest[0] != '/') {
    return absl::OkStatus();
  }
  rest = url;
  if (plain && absl::ConsumePrefix(&rest, "http://")) {
    // All of the host: what follows a name and an '@' would be another one.
    const absl::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    for (const absl::string_view host : {"localhost", "127.0.0.1", "[::1]"}) {
      absl::string_view port = authority;
      if (!absl::ConsumePrefix(&port, host)) continue;
      const bool digits =
          absl::ConsumePrefix(&port, ":") &&
          std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
      if (port.empty() || digits) return absl::OkStatus();
    }
  }
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("keys are fetched by https, or by http from this machine; not from "
                                "\"",
                                url, "\""));
}

KeyRefresher::Fetch KeysFromUrl(KeyUrl source) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return [source = std::move(source)] { return Get(source); };
}

}  // namespace nexus::identity
