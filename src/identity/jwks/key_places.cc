#include "identity/jwks/key_places.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "fetch/http_get.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

constexpr long kHttpOk = 200;

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

absl::StatusOr<std::string> Get(const KeyUrl& source) {
  fetch::HttpRequest request;
  request.url = source.url;
  request.ca_file = source.ca_file;
  request.timeout = source.timeout;
  request.bytes_max = kJwkSetBytesMax;
  NEXUS_ASSIGN_OR_RETURN(fetch::HttpAnswer answer, fetch::HttpGet(request));
  if (answer.status != kHttpOk) {
    return Failed(source.url, absl::StrCat("answered ", answer.status));
  }
  return std::move(answer.body);
}

}  // namespace

KeyRefresher::Fetch KeysFromFile(std::string path) {
  return [path = std::move(path)] { return ReadKeyFile(path); };
}

KeyRefresher::Fetch KeysFromUrl(KeyUrl source) {
  return [source = std::move(source)] { return Get(source); };
}

}  // namespace nexus::identity
