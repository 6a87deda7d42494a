#include "identity/jwt/jwt_claims.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "identity/unauthenticated.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"

namespace nexus::identity {
namespace {

// The year 9999: later dates are mistakes, and sums with them stay far from overflow.
constexpr double kLatest = 253'402'300'799;
constexpr size_t kNameBytesMax = 255;
constexpr size_t kPointerDepthMax = 8;

absl::Status WrongClaim(absl::string_view what) {
  return Unauthenticated(AuthFailure::kClaims, what);
}

// Nothing: not there. CLAIMS if it is no date.
absl::StatusOr<std::optional<Timestamp>> Date(const JwtClaimMap& claims, absl::string_view name) {
  const auto found = claims.find(name);
  if (found == claims.end()) return std::optional<Timestamp>();
  double seconds = 0;
  if (found->second.is_string || !absl::SimpleAtod(found->second.text, &seconds) ||
      !(seconds >= 0 && seconds <= kLatest)) {
    return WrongClaim(absl::StrCat("the claim ", name, " is no date"));
  }
  return std::optional<Timestamp>(Timestamp{static_cast<int64_t>(std::floor(seconds * 1e6))});
}

// The claim that a name or a pointer means; nothing if it is not there.
std::optional<JsonMember> FindClaim(const JwtClaimMap& claims, absl::string_view name,
                                    JsonReader& json) {
  if (name.empty() || name[0] != '/') {
    const auto found = claims.find(name);
    if (found == claims.end()) return std::nullopt;
    return found->second;
  }
  const std::vector<std::string> steps =
      absl::StrSplit(name.substr(1), absl::MaxSplits('/', kPointerDepthMax));
  const JwtClaimMap* here = &claims;
  JwtClaimMap below;
  std::optional<JsonMember> member;
  for (const std::string& step : steps) {
    if (member.has_value()) {
      absl::StatusOr<JwtClaimMap> next = json.ReadObject(member->text);
      if (member->is_string || !next.ok()) return std::nullopt;
      below = *std::move(next);
      here = &below;
    }
    const auto found = here->find(absl::StrReplaceAll(step, {{"~1", "/"}, {"~0", "~"}}));
    if (found == here->end()) return std::nullopt;
    member = found->second;
  }
  return member;
}

// A list of texts, or one text; nothing if it is neither.
std::optional<std::vector<std::string>> Texts(const JsonMember& member, JsonReader& json) {
  if (member.is_string) return std::vector<std::string>{member.text};
  const absl::StatusOr<std::vector<JsonMember>> items = json.ReadArray(member.text);
  if (!items.ok()) return std::nullopt;
  std::vector<std::string> texts;
  for (const JsonMember& item : *items) {
    if (!item.is_string) return std::nullopt;
    texts.push_back(item.text);
  }
  return texts;
}

bool IsName(absl::string_view text) {
  return !text.empty() && text.size() <= kNameBytesMax && !FindControlCharacter(text).has_value() &&
         !FindInvalidUtf8(text).has_value();
}

absl::StatusOr<std::vector<std::string>> RolesOf(const JwtClaimMap& claims, const JwtIssuer& issuer,
                                                 const JwtOptions& options, JsonReader& json) {
  std::vector<std::string> roles;
  if (issuer.roles_claim.empty()) return roles;
  const std::optional<JsonMember> claim = FindClaim(claims, issuer.roles_claim, json);
  if (!claim.has_value()) return roles;
  if (claim->is_string) {
    roles = absl::StrSplit(claim->text, ' ', absl::SkipEmpty());
  } else if (auto list = Texts(*claim, json)) {
    roles = *std::move(list);
  } else {
    return WrongClaim("the claim of the roles is not a list of texts");
  }
  if (roles.size() > options.roles_max ||
      !std::all_of(roles.begin(), roles.end(), [](const auto& role) { return IsName(role); })) {
    return WrongClaim("the claim of the roles has too many, or one that is no name");
  }
  return roles;
}

}  // namespace

absl::StatusOr<Timestamp> CheckTimes(const JwtClaimMap& claims, const JwtOptions& options,
                                     Timestamp now) {
  const int64_t skew = absl::ToInt64Microseconds(options.skew);
  NEXUS_ASSIGN_OR_RETURN(const std::optional<Timestamp> expires, Date(claims, "exp"));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<Timestamp> not_before, Date(claims, "nbf"));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<Timestamp> issued, Date(claims, "iat"));
  if (!expires.has_value()) return WrongClaim("the token does not say when it expires");
  if (expires->micros + skew <= now.micros) {
    return Unauthenticated(AuthFailure::kExpired, "the token has expired");
  }
  for (const std::optional<Timestamp>& begin : {not_before, issued}) {
    if (begin.has_value() && begin->micros - skew > now.micros) {
      return Unauthenticated(AuthFailure::kNotYetValid,
                             "the token is not valid yet; do the clocks agree?");
    }
  }
  const int64_t longest = absl::ToInt64Microseconds(options.lifetime_max);
  if (longest > 0 && (!issued.has_value() || expires->micros - issued->micros > longest)) {
    return WrongClaim("the token lives longer than is allowed here, or does not say since when");
  }
  return *expires;
}

absl::Status CheckAudience(const JwtClaimMap& claims, const std::vector<std::string>& audiences,
                           JsonReader& json) {
  const auto found = claims.find("aud");
  if (found != claims.end()) {
    const auto named = Texts(found->second, json);
    if (named.has_value() && std::find_first_of(named->begin(), named->end(), audiences.begin(),
                                                audiences.end()) != named->end()) {
      return absl::OkStatus();
    }
  }
  return Unauthenticated(AuthFailure::kAudience, "the token is for another audience");
}

absl::StatusOr<Principal> PrincipalOf(const JwtClaimMap& claims, const JwtIssuer& issuer,
                                      const JwtOptions& options, JsonReader& json) {
  const std::optional<JsonMember> subject = FindClaim(claims, issuer.subject_claim, json);
  if (!subject.has_value() || !subject->is_string || !IsName(subject->text)) {
    return WrongClaim(absl::StrCat("the claim ", issuer.subject_claim, " names nobody"));
  }
  Principal principal;
  principal.name = absl::StrCat(issuer.principal_prefix, subject->text);
  if (principal.name == "anonymous" || principal.name.size() > kNameBytesMax) {
    return WrongClaim("the subject has a name that nobody may have");
  }
  principal.method = "jwt";
  principal.authenticated = true;
  NEXUS_ASSIGN_OR_RETURN(principal.roles, RolesOf(claims, issuer, options, json));
  return principal;
}

}  // namespace nexus::identity
