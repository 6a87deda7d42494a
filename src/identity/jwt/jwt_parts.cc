#include "identity/jwt/jwt_parts.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "identity/jwt/base64url.h"
#include "identity/unauthenticated.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

using Members = absl::flat_hash_map<std::string, JsonMember>;

absl::Status Malformed(absl::string_view what) {
  return Unauthenticated(AuthFailure::kMalformed, what);
}

absl::StatusOr<Members> ReadPart(absl::string_view text, JsonReader& json) {
  const std::optional<std::string> decoded = DecodeBase64Url(text);
  if (!decoded.has_value()) return Malformed("a part of the token is not base64url");
  absl::StatusOr<Members> members = json.ReadObject(*decoded);
  // What the parser says may repeat what it has read.
  if (!members.ok()) return Malformed("a part of the token is not a JSON object");
  return members;
}

absl::string_view HeaderText(const Members& members, absl::string_view name) {
  const auto found = members.find(name);
  if (found == members.end() || !found->second.is_string) return {};
  return found->second.text;
}

absl::Status ReadHeader(const Members& header, JwtParts& parts) {
  if (header.contains("crit") || header.contains("b64")) {
    return Malformed("the token has a critical extension, and none is known here");
  }
  const absl::string_view type = HeaderText(header, "typ");
  if (header.contains("typ") && !absl::EqualsIgnoreCase(type, "JWT") &&
      !absl::EqualsIgnoreCase(type, "at+jwt") &&
      !absl::EqualsIgnoreCase(type, "application/at+jwt")) {
    return Malformed("the token is of a type that is not for access");
  }
  const std::optional<SignatureAlgorithm> algorithm =
      ParseSignatureAlgorithm(HeaderText(header, "alg"));
  if (!algorithm.has_value()) {
    return Unauthenticated(AuthFailure::kAlgorithm,
                           "the token is not signed by an algorithm that is taken");
  }
  parts.algorithm = *algorithm;
  parts.key_id = std::string(HeaderText(header, "kid"));
  if (parts.key_id.empty()) return Malformed("the token does not name its key (\"kid\")");
  return absl::OkStatus();
}

}  // namespace

bool LooksLikeJwt(absl::string_view bearer) {
  return std::count(bearer.begin(), bearer.end(), '.') == 2;
}

absl::StatusOr<JwtParts> TakeApart(absl::string_view token, size_t bytes_max, JsonReader& json) {
  if (token.size() > bytes_max) return Malformed("the token is larger than any may be");
  if (!LooksLikeJwt(token)) return Malformed("the token does not have three parts");
  const size_t first = token.find('.');
  const size_t second = token.find('.', first + 1);
  JwtParts parts;
  NEXUS_ASSIGN_OR_RETURN(const Members header, ReadPart(token.substr(0, first), json));
  NEXUS_RETURN_IF_ERROR(ReadHeader(header, parts));
  NEXUS_ASSIGN_OR_RETURN(parts.claims, ReadPart(token.substr(first + 1, second - first - 1), json));
  const std::optional<std::string> signature = DecodeBase64Url(token.substr(second + 1));
  if (!signature.has_value() || signature->empty()) {
    return Malformed("the token's signature is not base64url");
  }
  parts.signature = *signature;
  parts.signed_text = token.substr(0, second);
  return parts;
}

}  // namespace nexus::identity
