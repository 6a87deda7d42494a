#include "identity/access/access_request.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"

namespace nexus::identity {
namespace {

constexpr size_t kNameBytesMax = 255;
constexpr size_t kCommentBytesMax = 1'000;
constexpr size_t kListMax = 100;

absl::Status Wrong(std::string message) {
  return MakeError(ErrorReason::kMalformedRequest, message);
}

absl::Status CheckText(absl::string_view what, absl::string_view text, size_t bytes_max) {
  if (text.size() > bytes_max) {
    return MakeError(
        ErrorReason::kLimitExceeded,
        absl::StrCat(what, " has ", text.size(), " bytes; at most ", bytes_max, " are taken"));
  }
  if (const auto at = FindInvalidUtf8(text)) {
    return MakeError(ErrorReason::kInvalidUtf8, absl::StrCat(what, " is not UTF-8 at byte ", *at));
  }
  if (const auto at = FindControlCharacter(text)) {
    return MakeError(ErrorReason::kMalformedName,
                     absl::StrCat(what, " has a control character at byte ", *at));
  }
  return absl::OkStatus();
}

absl::Status CheckNames(absl::string_view what, const std::vector<std::string>& names) {
  if (names.size() > kListMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("at most ", kListMax, " ", what, " are taken at once"));
  }
  for (const std::string& name : names) NEXUS_RETURN_IF_ERROR(CheckAccessName(what, name));
  return absl::OkStatus();
}

absl::Status CheckSelector(const Selector& selector) {
  NEXUS_RETURN_IF_ERROR(CheckNames("categories", selector.categories));
  NEXUS_RETURN_IF_ERROR(CheckNames("stream prefixes", selector.stream_prefixes));
  NEXUS_RETURN_IF_ERROR(CheckNames("event types", selector.event_types));
  for (const std::string& category : selector.categories) {
    if (absl::StrContains(category, '-') || absl::StrContains(category, '*')) {
      return Wrong(absl::StrCat("a category has no '-' and no '*'; \"", category,
                                "\" may be meant as a stream prefix"));
    }
  }
  for (const std::string& prefix : selector.stream_prefixes) {
    if (absl::StrContains(prefix, '*')) {
      return Wrong(absl::StrCat("a stream prefix is written without '*'; it is \"", prefix, "\""));
    }
  }
  for (const std::string& type : selector.event_types) {
    if (absl::StrContains(absl::string_view(type).substr(0, type.size() - 1), '*')) {
      return Wrong(
          absl::StrCat("'*' stands at the end of an event type only; it is \"", type, "\""));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckAccessName(absl::string_view what, absl::string_view name) {
  if (name.empty()) {
    return MakeError(ErrorReason::kMalformedName, absl::StrCat(what, " must not be empty"));
  }
  return CheckText(what, name, kNameBytesMax);
}

absl::Status CheckAccessComment(absl::string_view comment) {
  return CheckText("comment", comment, kCommentBytesMax);
}

absl::Status CheckAccessEnd(absl::string_view what, absl::string_view name,
                            absl::string_view comment) {
  NEXUS_RETURN_IF_ERROR(CheckAccessName(what, name));
  return CheckAccessComment(comment);
}

absl::Status CheckTokenRequest(const TokenRecord& token, Timestamp now) {
  NEXUS_RETURN_IF_ERROR(CheckAccessName("principal", token.principal));
  if (token.principal == "anonymous") {
    return Wrong("anonymous is who has no token; choose another name");
  }
  NEXUS_RETURN_IF_ERROR(CheckNames("roles", token.roles));
  NEXUS_RETURN_IF_ERROR(CheckSelector(token.scope.selector));
  NEXUS_RETURN_IF_ERROR(CheckAccessComment(token.comment));
  if (token.scope.operations.empty()) return Wrong("a token without an operation is of no use");
  if (token.expires.has_value() && *token.expires <= now) {
    return Wrong("the token would have expired already");
  }
  return absl::OkStatus();
}

absl::Status CheckRole(const Role& role) {
  NEXUS_RETURN_IF_ERROR(CheckAccessName("role", role.name));
  NEXUS_RETURN_IF_ERROR(CheckAccessComment(role.comment));
  if (role.operations.empty()) return Wrong("a role needs an operation");
  return absl::OkStatus();
}

absl::Status CheckBinding(const RoleBinding& binding) {
  NEXUS_RETURN_IF_ERROR(CheckAccessName("member", binding.member));
  NEXUS_RETURN_IF_ERROR(CheckAccessName("role", binding.role));
  NEXUS_RETURN_IF_ERROR(CheckSelector(binding.selector));
  NEXUS_RETURN_IF_ERROR(CheckAccessComment(binding.comment));
  if (binding.effect == Effect::kDeny && binding.member_kind == MemberKind::kGroup &&
      binding.member == "admin") {
    return Wrong("the group admin cannot be denied anything: nobody could take that back");
  }
  return absl::OkStatus();
}

absl::Status CheckUnused(const AccessSnapshot& snapshot, absl::string_view role) {
  for (const auto& [id, binding] : snapshot.bindings()) {
    if (binding.role == role) {
      return Wrong(absl::StrCat("the role binding ", id, " of ", binding.member, " names ", role));
    }
  }
  for (const auto& [id, token] : snapshot.tokens()) {
    const bool named =
        std::find(token->roles.begin(), token->roles.end(), role) != token->roles.end();
    if (named && !token->revoked) {
      return Wrong(absl::StrCat("the token ", id, " of ", token->principal, " names ", role));
    }
  }
  return absl::OkStatus();
}

absl::Status BuiltInRole(absl::string_view role) {
  return Wrong(absl::StrCat(role, " is a role of the server and stays as it is"));
}

}  // namespace nexus::identity
