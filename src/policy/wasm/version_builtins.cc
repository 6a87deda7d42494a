// semver.compare, semver.is_valid

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

using Operands = absl::Span<const RegoValue>;

struct Version {
  std::array<int64_t, 3> numbers{};
  std::vector<std::string> before;  // "rc.1", in parts; none: the release itself
};

bool IsNumber(absl::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == absl::string_view::npos;
}

bool HasLeadingZero(absl::string_view text) { return text.size() > 1 && text[0] == '0'; }

bool AreIdentifiers(absl::string_view text, bool numbers_are_plain) {
  for (const absl::string_view part : absl::StrSplit(text, '.')) {
    if (part.empty()) return false;
    const bool fine = std::all_of(part.begin(), part.end(), [](unsigned char c) {
      return absl::ascii_isalnum(c) || c == '-';
    });
    if (!fine || (numbers_are_plain && IsNumber(part) && HasLeadingZero(part))) return false;
  }
  return true;
}

std::optional<Version> ParseVersion(absl::string_view text) {
  absl::ConsumePrefix(&text, "v");
  if (const size_t plus = text.find('+'); plus != absl::string_view::npos) {
    if (!AreIdentifiers(text.substr(plus + 1), false)) return std::nullopt;
    text = text.substr(0, plus);
  }
  Version version;
  if (const size_t dash = text.find('-'); dash != absl::string_view::npos) {
    if (!AreIdentifiers(text.substr(dash + 1), true)) return std::nullopt;
    version.before = absl::StrSplit(text.substr(dash + 1), '.');
    text = text.substr(0, dash);
  }
  const std::vector<absl::string_view> numbers = absl::StrSplit(text, '.');
  if (numbers.size() != version.numbers.size()) return std::nullopt;
  for (size_t i = 0; i < numbers.size(); ++i) {
    if (!IsNumber(numbers[i]) || HasLeadingZero(numbers[i]) ||
        !absl::SimpleAtoi(numbers[i], &version.numbers[i])) {
      return std::nullopt;
    }
  }
  return version;
}

int Sign(int comparison) { return (comparison > 0) - (comparison < 0); }

// Numbers by size and before words, words by their bytes.
int CompareIdentifiers(const std::string& a, const std::string& b) {
  const bool a_number = IsNumber(a);
  const bool b_number = IsNumber(b);
  if (a_number != b_number) return a_number ? -1 : 1;
  if (a_number && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return Sign(a.compare(b));
}

int CompareVersions(const Version& a, const Version& b) {
  if (a.numbers != b.numbers) return a.numbers < b.numbers ? -1 : 1;
  if (a.before.empty() != b.before.empty()) return a.before.empty() ? 1 : -1;
  for (size_t i = 0; i < std::min(a.before.size(), b.before.size()); ++i) {
    if (const int order = CompareIdentifiers(a.before[i], b.before[i]); order != 0) return order;
  }
  if (a.before.size() == b.before.size()) return 0;
  return a.before.size() < b.before.size() ? -1 : 1;
}

absl::StatusOr<Version> VersionOperand(Operands operands, size_t index) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, index));
  const std::optional<Version> version = ParseVersion(text);
  if (version.has_value()) return *version;
  return absl::InvalidArgumentError(
      absl::StrCat("operand ", index + 1, ": ", text, " is not a version"));
}

absl::StatusOr<RegoValue> Compare(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const Version a, VersionOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const Version b, VersionOperand(operands, 1));
  return RegoValue::Number(CompareVersions(a, b));
}

absl::StatusOr<RegoValue> IsValid(Operands operands) {
  return RegoValue::Boolean(operands[0].is(RegoValue::Kind::kString) &&
                            ParseVersion(operands[0].text).has_value());
}

constexpr std::array kVersionBuiltins = {
    NamedBuiltin{"semver.compare", 2, &Compare},
    NamedBuiltin{"semver.is_valid", 1, &IsValid},
};

}  // namespace

absl::Span<const NamedBuiltin> VersionBuiltins() { return kVersionBuiltins; }

}  // namespace nexus::policy
