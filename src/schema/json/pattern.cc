#include "schema/json/pattern.h"

#include <re2/re2.h>

#include <array>
#include <cctype>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "schema/json/pattern_sequence.h"

namespace nexus::schema {
namespace {

// What one expression may cost in memory; RE2 refuses at compile time what does not fit, and falls
// back to a slower, still linear search when its cache is full.
constexpr int64_t kPatternBytesMax = 1 << 20;

constexpr char kSpaces[] =
    "\\t-\\r \\x{a0}\\x{1680}\\x{2000}-\\x{200a}\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
    "\\x{feff}";

constexpr std::array<std::pair<absl::string_view, absl::string_view>, 12> kLongNames = {{
    {"Letter", "L"},
    {"Lowercase_Letter", "Ll"},
    {"Uppercase_Letter", "Lu"},
    {"Number", "N"},
    {"Decimal_Number", "Nd"},
    {"digit", "Nd"},
    {"Punctuation", "P"},
    {"punct", "P"},
    {"Symbol", "S"},
    {"Separator", "Z"},
    {"Space_Separator", "Zs"},
    {"Mark", "M"},
}};

class Translator {
 public:
  explicit Translator(absl::string_view source) : in_(source) {}

  std::string Run() {
    while (at_ < in_.size()) Step();
    return std::move(out_);
  }

 private:
  absl::string_view Rest() const { return in_.substr(at_); }

  void Step() {
    const char c = in_[at_];
    if (c == '\\' && at_ + 1 < in_.size()) return StepEscape(in_[at_ + 1]);
    if (c == '[') in_class_ = true;
    if (c == ']') in_class_ = false;
    if (!in_class_ && absl::StartsWith(Rest(), "(?<") && at_ + 3 < in_.size() &&
        in_[at_ + 3] != '=' && in_[at_ + 3] != '!') {
      out_ += "(?P<";
      at_ += 3;
      return;
    }
    out_ += c;
    ++at_;
  }

  void StepEscape(char c) {
    if (c == 'u' && StepCodePoint()) return;
    if ((c == 'p' || c == 'P') && StepProperty(c)) return;
    if (c == 'c' && at_ + 2 < in_.size() &&
        std::isalpha(static_cast<unsigned char>(in_[at_ + 2]))) {
      absl::StrAppend(&out_, "\\x{", absl::Hex(in_[at_ + 2] & 31), "}");
      at_ += 3;
      return;
    }
    at_ += 2;
    if (c == 's') {
      absl::StrAppend(&out_, in_class_ ? "" : "[", kSpaces, in_class_ ? "" : "]");
    } else if (c == 'S' && !in_class_) {
      absl::StrAppend(&out_, "[^", kSpaces, "]");
    } else {
      out_ += '\\';
      out_ += c;
    }
  }

  // \uXXXX or \u{X...}. False leaves the escape to RE2, which refuses it.
  bool StepCodePoint() {
    absl::string_view digits;
    size_t length = 6;
    if (absl::StartsWith(Rest(), "\\u{")) {
      const size_t close = Rest().find('}');
      if (close == absl::string_view::npos) return false;
      digits = Rest().substr(3, close - 3);
      length = close + 1;
    } else {
      digits = Rest().substr(2, 4);
      if (digits.size() != 4) return false;
    }
    for (const char d : digits) {
      if (!std::isxdigit(static_cast<unsigned char>(d))) return false;
    }
    absl::StrAppend(&out_, "\\x{", digits, "}");
    at_ += length;
    return true;
  }

  bool StepProperty(char c) {
    const size_t close = Rest().find('}');
    if (close == absl::string_view::npos || !absl::StartsWith(Rest().substr(2), "{")) return false;
    absl::string_view name = Rest().substr(3, close - 3);
    if (const size_t equals = name.find('='); equals != absl::string_view::npos) {
      name.remove_prefix(equals + 1);
    }
    for (const auto& [from, to] : kLongNames) {
      if (name == from) name = to;
    }
    absl::StrAppend(&out_, "\\", std::string(1, c), "{", name, "}");
    at_ += close + 1;
    return true;
  }

  const absl::string_view in_;
  size_t at_ = 0;
  bool in_class_ = false;
  std::string out_;
};

class Re2Pattern : public Pattern {
 public:
  // `sequence` does the same as the expression, where there is one.
  Re2Pattern(const std::string& source, const RE2::Options& options,
             std::optional<PatternSequence> sequence)
      : re_(source, options), sequence_(std::move(sequence)) {}

  bool Matches(std::string_view text) const override {
    if (sequence_) return sequence_->Matches(text);
    return RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), re_);
  }
  const RE2& re() const { return re_; }

 private:
  RE2 re_;
  const std::optional<PatternSequence> sequence_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Pattern>> Pattern::Compile(absl::string_view source) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_never_capture(true);
  options.set_max_mem(kPatternBytesMax);
  auto pattern = std::make_shared<const Re2Pattern>(Translator(source).Run(), options,
                                                    PatternSequence::Parse(source));
  if (!pattern->re().ok()) return absl::InvalidArgumentError(pattern->re().error());
  return pattern;
}

}  // namespace nexus::schema
