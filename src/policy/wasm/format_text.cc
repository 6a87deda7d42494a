#include "policy/wasm/format_text.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "policy/wasm/format_value.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

constexpr int kWidthMax = 10'000;

class Formatter {
 public:
  Formatter(absl::string_view format, absl::Span<const RegoValue> arguments)
      : rest_(format), arguments_(arguments) {}

  std::optional<std::string> Run() {
    while (!rest_.empty() && out_.size() <= kResultBytesMax) {
      const size_t percent = std::min(rest_.find('%'), rest_.size());
      out_.append(rest_.data(), percent);
      rest_.remove_prefix(percent);
      if (!rest_.empty()) Directive();
    }
    if (!reordered_ && next_ < arguments_.size()) Extra();
    if (out_.size() > kResultBytesMax) return std::nullopt;
    return std::move(out_);
  }

 private:
  void Directive() {
    rest_.remove_prefix(1);
    FormatSpec spec;
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

  void Flags(FormatSpec& spec) {
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
    if (close == absl::string_view::npos ||
        !absl::SimpleAtoi(rest_.substr(1, close - 1), &number) || number == 0 ||
        number > arguments_.size()) {
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
      const FormatArgument argument(arguments_[next_++]);
      if (argument.type != FormatArgument::Type::kInteger) return std::nullopt;
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

  void Verb(FormatSpec& spec) {
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
      const FormatArgument argument(arguments_[next_++]);
      if (spec.verb == 'T') {
        out_.append(PadText(spec, std::string(argument.TypeName()), false));
        return;
      }
      const std::optional<std::string> text = FormatValue(spec, argument);
      if (text.has_value()) {
        out_.append(*text);
      } else {
        absl::StrAppend(&out_, "%!", verb, "(", argument.TypeName(), "=",
                        PlainValue(spec, argument), ")");
      }
    }
  }

  void Extra() {
    out_.append("%!(EXTRA ");
    for (size_t i = next_; i < arguments_.size(); ++i) {
      const FormatArgument argument(arguments_[i]);
      absl::StrAppend(&out_, i == next_ ? "" : ", ", argument.TypeName(), "=",
                      PlainValue(FormatSpec(), argument));
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

std::optional<std::string> FormatText(absl::string_view format,
                                      absl::Span<const RegoValue> arguments) {
  return Formatter(format, arguments).Run();
}

}  // namespace nexus::policy
