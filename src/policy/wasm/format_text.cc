#include "policy/wasm/format_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"

namespace nexus::policy {
namespace {

constexpr int kWidthMax = 10'000;

struct Spec {
  bool minus = false, plus = false, sharp = false, space = false, zero = false;
  std::optional<int> width;
  std::optional<int> precision;
  char verb = 0;
};

// An argument in the type that Go would see.
struct Argument {
  enum class Type { kInteger, kFloat, kString, kBigInteger };

  explicit Argument(const RegoValue& value) {
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

  absl::string_view TypeName() const {
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

  Type type = Type::kString;
  std::string text;
  int64_t integer = 0;
  double number = 0;
};

size_t Runes(absl::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Pad(const Spec& spec, std::string text, bool number) {
  const size_t size = Runes(text);
  const auto width = static_cast<size_t>(spec.width.value_or(0));
  if (size >= width) return text;
  const size_t missing = width - size;
  if (spec.minus) return text.append(missing, ' ');
  if (!spec.zero) return std::string(missing, ' ') + text;
  const size_t sign = number && !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  return text.insert(sign, missing, '0');
}

std::string Truncate(const Spec& spec, absl::string_view text) {
  if (!spec.precision.has_value()) return std::string(text);
  size_t end = 0;
  for (int left = *spec.precision; end < text.size(); ++end) {
    const bool begins = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins && left-- == 0) break;
  }
  return std::string(text.substr(0, end));
}

std::string Signed(const Spec& spec, bool negative, std::string digits) {
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

std::optional<std::string> FormatInteger(const Spec& spec, const Argument& argument) {
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
  Spec padded = spec;
  if (spec.precision.has_value()) padded.zero = false;
  return Pad(padded, Signed(spec, negative, std::move(digits)), true);
}

// The shortest text that reads back, as %g of Go with no precision writes it.
std::string ShortestFloat(double number) {
  std::array<char, 400> buffer{};
  const auto scientific =
      std::to_chars(buffer.data(), buffer.data() + buffer.size(), number, std::chars_format::scientific);
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

std::optional<std::string> FormatFloat(const Spec& spec, const Argument& argument) {
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
  return Pad(spec, Signed(spec, std::signbit(argument.number), std::move(digits)), true);
}

std::optional<std::string> FormatString(const Spec& spec, absl::string_view text) {
  switch (spec.verb) {
    case 's':
    case 'v':
      return Pad(spec, spec.verb == 'v' && spec.sharp ? JsonString(text) : Truncate(spec, text),
                 false);
    case 'q':
      return Pad(spec, JsonString(Truncate(spec, text)), false);
    case 'x':
      return Pad(spec, absl::BytesToHexString(text), false);
    case 'X':
      return Pad(spec, Upper(absl::BytesToHexString(text)), false);
    default:
      return std::nullopt;
  }
}

std::optional<std::string> FormatBig(const Spec& spec, const Argument& argument) {
  if (spec.verb != 'd' && spec.verb != 'v' && spec.verb != 's') return std::nullopt;
  const bool negative = argument.text.front() == '-';
  return Pad(spec, Signed(spec, negative, argument.text.substr(negative ? 1 : 0)), true);
}

std::optional<std::string> FormatRune(const Spec& spec, const Argument& argument) {
  std::string rune;
  const auto code = static_cast<uint32_t>(argument.integer);
  if (spec.verb == 'U') return Pad(spec, absl::StrCat("U+", absl::Hex(code, absl::kZeroPad4)), false);
  const absl::StatusOr<RegoValue> read =
      ParseRegoValue(code < 0x10000
                         ? absl::StrCat("\"\\u", absl::Hex(code, absl::kZeroPad4), "\"")
                         : absl::StrCat("\"\\u", absl::Hex(0xd7c0 + (code >> 10)), "\\u",
                                        absl::Hex(0xdc00 + (code & 0x3ff)), "\""));
  if (read.ok()) rune = read->text;
  return Pad(spec, spec.verb == 'q' ? absl::StrCat("'", rune, "'") : rune, false);
}

std::optional<std::string> FormatByType(const Spec& spec, const Argument& argument) {
  switch (argument.type) {
    case Argument::Type::kInteger:
      if (spec.verb == 'c' || spec.verb == 'U' || spec.verb == 'q') {
        return FormatRune(spec, argument);
      }
      return FormatInteger(spec, argument);
    case Argument::Type::kFloat:
      return FormatFloat(spec, argument);
    case Argument::Type::kBigInteger:
      return FormatBig(spec, argument);
    case Argument::Type::kString:
      break;
  }
  return FormatString(spec, argument.text);
}

// The value as %v writes it, for what is told about an error.
std::string Plain(Spec spec, const Argument& argument) {
  spec.verb = 'v';
  return FormatByType(spec, argument).value_or(argument.text);
}

class Formatter {
 public:
  Formatter(absl::string_view format, absl::Span<const RegoValue> arguments)
      : rest_(format), arguments_(arguments) {}

  std::string Run() {
    while (!rest_.empty()) {
      const size_t percent = std::min(rest_.find('%'), rest_.size());
      out_.append(rest_.data(), percent);
      rest_.remove_prefix(percent);
      if (!rest_.empty()) Directive();
    }
    if (!reordered_ && next_ < arguments_.size()) Extra();
    return std::move(out_);
  }

 private:
  void Directive() {
    rest_.remove_prefix(1);
    Spec spec;
    Flags(spec);
    Index();
    spec.width = Count();
    if (spec.width.has_value() && *spec.width < 0) {
      spec.minus = true;
      spec.width = -*spec.width;
    }
    if (Accept('.')) {
      Index();
      spec.precision = std::max(0, Count().value_or(0));
    }
    Index();
    if (rest_.empty()) {
      out_.append("%!(NOVERB)");
      return;
    }
    Verb(spec);
  }

  void Flags(Spec& spec) {
    while (!rest_.empty()) {
      switch (rest_.front()) {
        case '-':
          spec.minus = true;
          spec.zero = false;
          break;
        case '+':
          spec.plus = true;
          break;
        case '#':
          spec.sharp = true;
          break;
        case ' ':
          spec.space = true;
          break;
        case '0':
          spec.zero = !spec.minus;
          break;
        default:
          return;
      }
      rest_.remove_prefix(1);
    }
  }

  // "[3]": the next argument is the third.
  void Index() {
    if (rest_.empty() || rest_.front() != '[') return;
    reordered_ = true;
    const size_t close = rest_.find(']');
    size_t number = 0;
    if (close == absl::string_view::npos || !absl::SimpleAtoi(rest_.substr(1, close - 1), &number) ||
        number == 0 || number > arguments_.size()) {
      bad_index_ = true;
      rest_.remove_prefix(close == absl::string_view::npos ? 1 : close + 1);
      return;
    }
    rest_.remove_prefix(close + 1);
    next_ = number - 1;
  }

  // A width or precision: digits, or '*' for an argument.
  std::optional<int> Count() {
    if (Accept('*')) {
      if (next_ >= arguments_.size()) return std::nullopt;
      const Argument argument(arguments_[next_++]);
      if (argument.type != Argument::Type::kInteger) return std::nullopt;
      return static_cast<int>(std::clamp<int64_t>(argument.integer, -kWidthMax, kWidthMax));
    }
    const size_t end = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
    if (end == 0) return std::nullopt;
    int count = kWidthMax;
    if (!absl::SimpleAtoi(rest_.substr(0, end), &count)) count = kWidthMax;
    rest_.remove_prefix(end);
    return std::min(count, kWidthMax);
  }

  bool Accept(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void Verb(Spec& spec) {
    size_t size = 1;
    while (size < rest_.size() && (static_cast<unsigned char>(rest_[size]) & 0xc0) == 0x80) ++size;
    const std::string verb(rest_.substr(0, size));
    rest_.remove_prefix(size);
    spec.verb = size == 1 ? verb[0] : '\0';
    if (spec.verb == '%') {
      out_.push_back('%');
    } else if (std::exchange(bad_index_, false)) {
      absl::StrAppend(&out_, "%!", verb, "(BADINDEX)");
    } else if (next_ >= arguments_.size()) {
      absl::StrAppend(&out_, "%!", verb, "(MISSING)");
    } else {
      const Argument argument(arguments_[next_++]);
      if (spec.verb == 'T') {
        out_.append(Pad(spec, std::string(argument.TypeName()), false));
        return;
      }
      const std::optional<std::string> text = FormatByType(spec, argument);
      if (text.has_value()) {
        out_.append(*text);
      } else {
        absl::StrAppend(&out_, "%!", verb, "(", argument.TypeName(), "=", Plain(spec, argument), ")");
      }
    }
  }

  void Extra() {
    out_.append("%!(EXTRA ");
    for (size_t i = next_; i < arguments_.size(); ++i) {
      const Argument argument(arguments_[i]);
      absl::StrAppend(&out_, i == next_ ? "" : ", ", argument.TypeName(), "=",
                      Plain(Spec(), argument));
    }
    out_.push_back(')');
  }

  absl::string_view rest_;
  const absl::Span<const RegoValue> arguments_;
  std::string out_;
  size_t next_ = 0;  // argument
  bool reordered_ = false;
  bool bad_index_ = false;
};

}  // namespace

std::string FormatText(absl::string_view format, absl::Span<const RegoValue> arguments) {
  return Formatter(format, arguments).Run();
}

}  // namespace nexus::policy
