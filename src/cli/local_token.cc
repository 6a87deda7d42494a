#include "cli/local_token.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/files.h"
#include "nexus/core/json_text.h"

namespace nexus::cli {

std::string FindLocalToken(const std::string& folder, const std::string& address) {
  const auto endpoints = ReadFile(absl::StrCat(folder, "/endpoints.json"));
  if (!endpoints.ok()) return "";
  // The daemon writes it on one line; whatever else looks alike is not it.
  if (!absl::StartsWith(*endpoints, absl::StrCat("{\"grpc\":", JsonString(address), ","))) {
    return "";
  }
  const auto token = ReadFile(absl::StrCat(folder, "/admin.token"));
  return token.ok() ? std::string(absl::StripAsciiWhitespace(*token)) : "";
}

}  // namespace nexus::cli
