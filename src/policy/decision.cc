#include "policy/decision.h"

#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/failure.h"

namespace nexus::policy {
namespace {

using simdjson::dom::element;

constexpr size_t kDenialsMax = 100;  // beyond, one of each rule
constexpr size_t kRulesMax = 1'000;

absl::Status OtherShape(absl::string_view why) {
  return Undecided(kMalformedAnswer,
                   absl::StrCat("its decision is not {allow, deny: [{rule, message}]}: ", why));
}

absl::StatusOr<PolicyDenial> ReadDenial(element value) {
  std::string_view rule;
  std::string_view message;
  if (value["rule"].get(rule) != simdjson::SUCCESS) return OtherShape("deny[].rule");
  if (value["message"].get(message) != simdjson::SUCCESS) return OtherShape("deny[].message");
  return PolicyDenial{std::string(rule), std::string(message)};
}

}  // namespace

absl::StatusOr<PolicyAnswer> ReadDecision(element decision) {
  PolicyAnswer answer;
  bool said_allow = false;
  simdjson::dom::array deny;
  if (decision["allow"].get(said_allow) != simdjson::SUCCESS) return OtherShape("allow");
  if (decision["deny"].get(deny) != simdjson::SUCCESS) return OtherShape("deny");
  answer.permitted = said_allow;
  answer.allow = said_allow && deny.size() == 0;
  // Each rule is heard, however often another one speaks: rules may be off or only warn, and what
  // is left of the denials decides.
  absl::flat_hash_set<std::string> heard;
  for (const element denial : deny) {
    NEXUS_ASSIGN_OR_RETURN(PolicyDenial read, ReadDenial(denial));
    const bool is_new = heard.insert(read.rule).second;
    if (answer.denials.size() >= kDenialsMax && !is_new) continue;
    if (heard.size() > kRulesMax) return OtherShape("more than 1,000 rules in deny");
    answer.denials.push_back(std::move(read));
  }
  return answer;
}

}  // namespace nexus::policy
