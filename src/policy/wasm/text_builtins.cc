// sprintf, indexof_n, strings.count, strings.any_prefix_match, strings.any_suffix_match

#include <algorithm>
#include <array>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/format_text.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

using Operands = absl::Span<const RegoValue>;

bool BeginsRune(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

absl::StatusOr<RegoValue> Sprintf(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view format, StringOperand(operands, 0));
  if (!operands[1].is(RegoValue::Kind::kArray)) {
    return absl::InvalidArgumentError("operand 2 must be an array");
  }
  std::optional<std::string> text = FormatText(format, operands[1].items);
  if (!text.has_value()) return absl::ResourceExhaustedError("its result is too large");
  return RegoValue::String(*std::move(text));
}

absl::StatusOr<RegoValue> IndexOfN(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view wanted, StringOperand(operands, 1));
  if (wanted.empty()) return absl::InvalidArgumentError("the text to look for is empty");
  std::vector<RegoValue> places;
  int64_t rune = -1;
  for (size_t i = 0; i < text.size(); ++i) {
    if (!BeginsRune(text[i])) continue;
    ++rune;
    if (absl::StartsWith(text.substr(i), wanted)) places.push_back(RegoValue::Number(rune));
  }
  return RegoValue::Array(std::move(places));
}

absl::StatusOr<RegoValue> CountText(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view wanted, StringOperand(operands, 1));
  int64_t count = 0;
  if (wanted.empty()) {
    count = 1 + std::count_if(text.begin(), text.end(), BeginsRune);
    return RegoValue::Number(count);
  }
  for (size_t at = text.find(wanted); at != absl::string_view::npos;
       at = text.find(wanted, at + wanted.size())) {
    ++count;
  }
  return RegoValue::Number(count);
}

// A string, or an array or set of strings.
absl::StatusOr<std::vector<absl::string_view>> Strings(Operands operands, size_t index) {
  const RegoValue& operand = operands[index];
  std::vector<absl::string_view> strings;
  if (operand.is(RegoValue::Kind::kString)) return std::vector<absl::string_view>{operand.text};
  const bool list = operand.is(RegoValue::Kind::kArray) || operand.is(RegoValue::Kind::kSet);
  for (const RegoValue& item : operand.items) {
    if (!list || !item.is(RegoValue::Kind::kString)) break;
    strings.push_back(item.text);
  }
  if (list && strings.size() == operand.items.size()) return strings;
  return absl::InvalidArgumentError(
      absl::StrCat("operand ", index + 1, " must be a string, or an array or set of strings"));
}

absl::StatusOr<RegoValue> AnyMatch(Operands operands,
                                   bool (*match)(absl::string_view, absl::string_view)) {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<absl::string_view> texts, Strings(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const std::vector<absl::string_view> wanted, Strings(operands, 1));
  const bool any = std::any_of(texts.begin(), texts.end(), [&](absl::string_view text) {
    return std::any_of(wanted.begin(), wanted.end(),
                       [&](absl::string_view affix) { return match(text, affix); });
  });
  return RegoValue::Boolean(any);
}

absl::StatusOr<RegoValue> AnyPrefixMatch(Operands operands) {
  return AnyMatch(operands, [](absl::string_view text, absl::string_view affix) {
    return absl::StartsWith(text, affix);
  });
}

absl::StatusOr<RegoValue> AnySuffixMatch(Operands operands) {
  return AnyMatch(operands, [](absl::string_view text, absl::string_view affix) {
    return absl::EndsWith(text, affix);
  });
}

constexpr std::array kTextBuiltins = {
    NamedBuiltin{"sprintf", 2, &Sprintf},
    NamedBuiltin{"indexof_n", 2, &IndexOfN},
    NamedBuiltin{"strings.count", 2, &CountText},
    NamedBuiltin{"strings.any_prefix_match", 2, &AnyPrefixMatch},
    NamedBuiltin{"strings.any_suffix_match", 2, &AnySuffixMatch},
};

}  // namespace

absl::Span<const NamedBuiltin> TextBuiltins() { return kTextBuiltins; }

}  // namespace nexus::policy
