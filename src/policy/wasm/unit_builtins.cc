// units.parse, units.parse_bytes

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/decimal.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

using Operands = absl::Span<const RegoValue>;

// "k" is 1000, "ki" 1024, and so on to "e" and "ei".
std::optional<uint64_t> Multiplier(absl::string_view unit) {
  if (unit.empty()) return 1;
  const size_t power = absl::string_view("kmgtpe").find(unit[0]);
  if (power == absl::string_view::npos) return std::nullopt;
  const bool binary = unit.substr(1) == "i";
  if (!binary && unit.size() > 1) return std::nullopt;
  uint64_t number = 1;
  for (size_t i = 0; i <= power; ++i) number *= binary ? 1024 : 1000;
  return number;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Where the number ends and the unit begins. An 'e' belongs to the number if an exponent follows.
size_t UnitAt(absl::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at];
    if ((c | 0x20) == 'e') {
      const char after = at + 1 < text.size() ? text[at + 1] : '\0';
      if (!IsDigit(after) && after != '+' && after != '-') return at;
      at += IsDigit(after) ? 1 : 2;
      continue;
    }
    if (!IsDigit(c) && c != '.' && c != '+' && c != '-') return at;
    ++at;
  }
  return at;
}

struct Amount {
  bool negative = false;
  std::string number;  // without its sign
  std::string unit;
};

absl::StatusOr<Amount> SplitAmount(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view raw, StringOperand(operands, 0));
  const std::string text = absl::StrReplaceAll(raw, {{"\"", ""}});
  if (absl::StrContains(text, ' ')) return absl::InvalidArgumentError("there is a space in it");
  const size_t at = UnitAt(text);
  if (at == 0) return absl::InvalidArgumentError("there is no amount");
  const size_t sign = text[0] == '-' || text[0] == '+' ? 1 : 0;
  return Amount{text[0] == '-', text.substr(sign, at - sign), text.substr(at)};
}

absl::StatusOr<Decimal> Scale(const Amount& amount, std::optional<uint64_t> multiplier) {
  if (!multiplier.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat("the unit ", amount.unit, " is not known"));
  }
  const std::optional<Decimal> number = ParseDecimal(amount.number);
  if (!number.has_value()) return absl::InvalidArgumentError("the amount is not a number");
  return Multiply(*number, *multiplier);
}

RegoValue SignedNumber(const Amount& amount, const std::string& digits) {
  const bool zero = digits.find_first_not_of("0.") == std::string::npos;
  return RegoValue::NumberText(absl::StrCat(amount.negative && !zero ? "-" : "", digits));
}

absl::StatusOr<RegoValue> ParseBytes(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(Amount amount, SplitAmount(operands));
  std::string unit = absl::AsciiStrToLower(amount.unit);
  if (unit.size() > 1 && unit.back() == 'b') unit.pop_back();
  NEXUS_ASSIGN_OR_RETURN(const Decimal bytes, Scale(amount, Multiplier(unit)));
  return SignedNumber(amount, IntegerPart(bytes));
}

absl::StatusOr<RegoValue> ParseAmount(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(Amount amount, SplitAmount(operands));
  std::string unit = amount.unit;
  if (unit.size() > 1) unit = unit.substr(0, 1) + absl::AsciiStrToLower(unit.substr(1));
  if (unit == "m") {  // a thousandth, which OPA never takes for an integer
    NEXUS_ASSIGN_OR_RETURN(Decimal thousandths, Scale(amount, 1));
    thousandths.exponent -= 3;
    return SignedNumber(amount, FixedPoint(thousandths, 10));
  }
  NEXUS_ASSIGN_OR_RETURN(const Decimal number,
                         Scale(amount, Multiplier(absl::AsciiStrToLower(unit))));
  return SignedNumber(amount, IsInteger(number) ? IntegerPart(number) : FixedPoint(number, 10));
}

constexpr std::array kUnitBuiltins = {
    NamedBuiltin{"units.parse", 1, &ParseAmount},
    NamedBuiltin{"units.parse_bytes", 1, &ParseBytes},
};

}  // namespace

absl::Span<const NamedBuiltin> UnitBuiltins() { return kUnitBuiltins; }

}  // namespace nexus::policy
