#include "sink/outbound/secret.h"

#include <cstdlib>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::sink {
namespace {

constexpr size_t kSecretBytesMax = 64 << 10;

absl::Status NotThere(absl::string_view what) {
  return MakeError(ErrorReason::kNotReady, absl::StrCat("no credentials: ", what));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return NotThere(absl::StrCat("the file ", path, " cannot be read"));
  std::string text(kSecretBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) return NotThere(absl::StrCat("the file ", path, " cannot be read"));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kSecretBytesMax) {
    return NotThere(absl::StrCat("the file ", path, " is larger than 64 KiB"));
  }
  return text;
}

}  // namespace

absl::Status CheckSecretPlace(const SecretPlace& place, absl::string_view key) {
  if (place.file.empty() || place.environment.empty()) return absl::OkStatus();
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat(key, ": a file and a variable are given; one is enough"));
}

absl::StatusOr<std::string> ReadSecret(const SecretPlace& place) {
  if (place.empty()) return std::string();
  std::string text;
  if (!place.file.empty()) {
    absl::StatusOr<std::string> read = ReadFile(place.file);
    if (!read.ok()) return read;
    text = *std::move(read);
  } else if (const char* value = std::getenv(place.environment.c_str()); value != nullptr) {
    text = value;
  }
  text = std::string(absl::StripAsciiWhitespace(text));
  if (!text.empty()) return text;
  return NotThere(place.file.empty()
                      ? absl::StrCat("the variable ", place.environment, " is not set")
                      : absl::StrCat("the file ", place.file, " is empty"));
}

}  // namespace nexus::sink
