#include "policy/wasm/format_value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"

namespace nexus::policy {
namespace {

size_t Runes(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Truncate(const FormatSpec& spec, absl::string_view text) {
  if (!spec.precision.has_value()) return std::string(text);
  size_t end = 0;
  for (int left = *spec.precision; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins && left-- == 0) break;
  }
  return std::string(text.substr(0, end));
}

std::string Signed(const FormatSpec& spec, bool negative, std::string digits) {
  if (negative) return "-" + digits;
  if (spec.plus) return "+" + digits;
  return spec.space ? " " + digits : digits;
}

std::string Upper(std::string text) {
  absl::AsciiStrToUpper(&text);
  return text;
}

std::string ToBase(uint64_t number, int base, bool upper) {
  std::array<char, 65> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number, base).ptr;
  std::string text(digits.data(), end);
  return upper ? Upper(std::move(text)) : text;
}

std::optional<std::string> FormatInteger(const FormatSpec& spec, const FormatArgument& argument) {
  const bool negative = argument.integer < 0;
  const uint64_t size = negative ? 0 - static_cast<uint64_t>(argument.integer)
                                 : static_cast<uint64_t>(argument.integer);
  int base = 10;
  absl::string_view prefix;
  switch (spec.verb) {
    case 'd':
    case 'v':
      break;
    case 'b':
      base = 2;
      prefix = "0b";
      break;
    case 'o':
      base = 8;
      prefix = "0";
      break;
    case 'O':
      base = 8;
      break;
    case 'x':
      base = 16;
      prefix = "0x";
      break;
    case 'X':
      base = 16;
      prefix = "0X";
      break;
    default:
      return std::nullopt;
  }
  std::string digits = ToBase(size, base, spec.verb == 'X');
  const auto precision = static_cast<size_t>(spec.precision.value_or(0));
  if (digits.size() < precision) digits.insert(0, precision - digits.size(), '0');
  if (spec.verb == 'O') digits.insert(0, "0o");
  if (spec.sharp && spec.verb != 'O') digits.insert(0, std::string(prefix));
  FormatSpec padded = spec;
  if (spec.precision.has_value()) padded.zero = false;
  return PadText(padded, Signed(spec, negative, std::move(digits)), true);
}

// The shortest text that reads back, as %g of Go with no precision writes it.
std::string ShortestFloat(double number) {
  std::array<char, 400> buffer{};
  const auto scientific = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number,
                                        std::chars_format::scientific);
  const std::string text(buffer.data(), scientific.ptr);
  int exponent = 0;
  const size_t mark = text.find('e');
  (void)absl::SimpleAtoi(text.substr(mark + (text[mark + 1] == '+' ? 2 : 1)), &exponent);
  const bool far = exponent < -4 || exponent >= 6;
  if (far) return text;
  const auto plain =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::fixed);
  return std::string(buffer.data(), plain.ptr);
}

// As C writes it, but with two digits of the exponent at least.
std::string HexadecimalFloat(double number, std::optional<int> precision) {
  std::array<char, 1024> buffer{};
  if (precision.has_value()) {
    std::snprintf(buffer.data(), buffer.size(), "%.*a", std::min(*precision, 500), number);
  } else {
    std::snprintf(buffer.data(), buffer.size(), "%a", number);
  }
  std::string text = buffer.data();
  if (text.find('p') + 3 == text.size()) text.insert(text.size() - 1, "0");
  return text;
}

std::optional<std::string> FormatFloat(const FormatSpec& spec, const FormatArgument& argument) {
  const double size = std::fabs(argument.number);
  const bool general = spec.verb == 'v' || spec.verb == 'g' || spec.verb == 'G';
  const char lower = static_cast<char>(spec.verb | 0x20);
  std::string digits;
  if (general && !spec.precision.has_value()) {
    digits = ShortestFloat(size);
  } else if (general || lower == 'e' || lower == 'f') {
    std::array<char, 1024> buffer{};
    const int precision = std::min(spec.precision.value_or(6), 500);
    const char* form = general ? "%.*g" : (lower == 'e' ? "%.*e" : "%.*f");
    std::snprintf(buffer.data(), buffer.size(), form, precision, size);
    digits = buffer.data();
  } else if (lower == 'x') {
    digits = HexadecimalFloat(size, spec.precision);
  } else {
    return std::nullopt;
  }
  if (spec.verb == 'X') digits = Upper(std::move(digits));
  if (spec.verb == 'E' || spec.verb == 'G') {
    std::replace(digits.begin(), digits.end(), 'e', 'E');
  }
  return PadText(spec, Signed(spec, std::signbit(argument.number), std::move(digits)), true);
}

std::optional<std::string> FormatString(const FormatSpec& spec, absl::string_view text) {
  switch (spec.verb) {
    case 's':
    case 'v':
      return PadText(spec, spec.verb == 'v' && spec.sharp ? JsonString(text) : Truncate(spec, text),
                     false);
    case 'q':
      return PadText(spec, JsonString(Truncate(spec, text)), false);
    case 'x':
      return PadText(spec, absl::BytesToHexString(text), false);
    case 'X':
      return PadText(spec, Upper(absl::BytesToHexString(text)), false);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> FormatBig(const FormatSpec& spec, const FormatArgument& argument) {
  if (spec.verb != 'd' && spec.verb != 'v' && spec.verb != 's') return std::nullopt;
  const bool negative = argument.text.front() == '-';
  return PadText(spec, Signed(spec, negative, argument.text.substr(negative ? 1 : 0)), true);
}

// Between single quotes, as Go writes it; `rune` if it needs no escape.
std::string QuoteRune(uint32_t code, std::string rune) {
  constexpr absl::string_view kLetters = "abtnvfr";  // of 7 to 13
  if (code >= 7 && code < 7 + kLetters.size()) {
    rune = absl::StrCat("\\", kLetters.substr(code - 7, 1));
  } else if (code < 0x20 || code == 0x7f) {
    rune = absl::StrCat("\\x", absl::Hex(code, absl::kZeroPad2));
  } else if (code == '\'' || code == '\\') {
    rune.insert(0, "\\");
  }
  return absl::StrCat("'", rune, "'");
}

std::optional<std::string> FormatRune(const FormatSpec& spec, const FormatArgument& argument) {
  std::string rune;
  const auto code = static_cast<uint32_t>(argument.integer);
  if (spec.verb == 'U')
    return PadText(spec, absl::StrCat("U+", absl::Hex(code, absl::kZeroPad4)), false);
  const absl::StatusOr<RegoValue> read =
      ParseRegoValue(code < 0x10000 ? absl::StrCat("\"\\u", absl::Hex(code, absl::kZeroPad4), "\"")
                                    : absl::StrCat("\"\\u", absl::Hex(0xd7c0 + (code >> 10)), "\\u",
                                                   absl::Hex(0xdc00 + (code & 0x3ff)), "\""));
  if (read.ok()) rune = read->text;
  return PadText(spec, spec.verb == 'q' ? QuoteRune(code, rune) : rune, false);
}

}  // namespace

FormatArgument::FormatArgument(const RegoValue& value) {
  if (value.is(RegoValue::Kind::kString)) {
    text = value.text;
  } else if (!value.is(RegoValue::Kind::kNumber)) {
    text = PrintRegoValue(value);
  } else if (value.text.find_first_of(".eE") != std::string::npos) {
    text = value.text;
    if (absl::SimpleAtod(value.text, &number) && std::isfinite(number)) type = Type::kFloat;
  } else {
    text = value.text;
    type = absl::SimpleAtoi(value.text, &integer) ? Type::kInteger : Type::kBigInteger;
  }
}

absl::string_view FormatArgument::TypeName() const {
  switch (type) {
    case Type::kInteger:
      return "int64";
    case Type::kFloat:
      return "float64";
    case Type::kBigInteger:
      return "*big.Int";
    case Type::kString:
      break;
  }
  return "string";
}

std::string PadText(const FormatSpec& spec, std::string text, bool number) {
  const size_t size = Runes(text);
  const auto width = static_cast<size_t>(spec.width.value_or(0));
  if (size >= width) return text;
  const size_t missing = width - size;
  if (spec.minus) return text.append(missing, ' ');
  if (!spec.zero) return std::string(missing, ' ') + text;
  const size_t sign = number && !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  return text.insert(sign, missing, '0');
}

std::optional<std::string> FormatValue(const FormatSpec& spec, const FormatArgument& argument) {
  switch (argument.type) {
    case FormatArgument::Type::kInteger:
      if (spec.verb == 'c' || spec.verb == 'U' || spec.verb == 'q') {
        return FormatRune(spec, argument);
      }
      return FormatInteger(spec, argument);
    case FormatArgument::Type::kFloat:
      return FormatFloat(spec, argument);
    case FormatArgument::Type::kBigInteger:
      return FormatBig(spec, argument);
    case FormatArgument::Type::kString:
      break;
  }
  return FormatString(spec, argument.text);
}

std::string PlainValue(FormatSpec spec, const FormatArgument& argument) {
  spec.verb = 'v';
  return FormatValue(spec, argument).value_or(argument.text);
}

}  // namespace nexus::policy
