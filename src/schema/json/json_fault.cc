#include "schema/json/json_fault.h"

#include <cctype>
#include <charconv>
#include <cstdint>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/text.h"

namespace nexus::schema {
namespace {

// Walks the text once. Every Skip method leaves `at_` behind what it read, or records a fault.
class FaultFinder {
 public:
  FaultFinder(absl::string_view text, size_t depth_max) : text_(text), depth_max_(depth_max) {}

  std::optional<JsonFault> Find() {
    if (const auto at = FindInvalidUtf8(text_)) return JsonFault{*at, "it is not valid UTF-8"};
    SkipSpace();
    if (AtEnd()) return JsonFault{at_, "it is empty"};
    while (!fault_ && StepValue()) {
    }
    if (fault_) return fault_;
    SkipSpace();
    if (!AtEnd()) return JsonFault{at_, "something follows the document"};
    return std::nullopt;
  }

 private:
  bool AtEnd() const { return at_ >= text_.size(); }
  char Peek() const { return AtEnd() ? '\0' : text_[at_]; }
  bool Fail(absl::string_view reason) {
    if (!fault_) fault_ = JsonFault{at_, std::string(reason)};
    return false;
  }
  void SkipSpace() {
    while (!AtEnd() && (Peek() == ' ' || Peek() == '\t' || Peek() == '\n' || Peek() == '\r')) {
      ++at_;
    }
  }

  // Reads one value, or opens a container. True while something more is expected.
  bool StepValue() {
    SkipSpace();
    if (AtEnd()) return Fail("it ends too early");
    const char c = Peek();
    if (c == '{' || c == '[') return Open(c);
    if (!SkipScalar(c)) return false;
    return AfterValue();
  }

  bool Open(char c) {
    if (open_.size() >= depth_max_) {
      return Fail(absl::StrCat("it nests deeper than ", depth_max_, " levels"));
    }
    open_.push_back(c);
    ++at_;
    SkipSpace();
    if (Peek() == (c == '{' ? '}' : ']')) {
      Close();
      return AfterValue();
    }
    return c == '[' || SkipKey();
  }

  void Close() {
    open_.pop_back();
    ++at_;
  }

  // What may follow a complete value: a comma, the end of its container, or the end of the text.
  bool AfterValue() {
    while (!open_.empty()) {
      SkipSpace();
      const bool object = open_.back() == '{';
      if (Peek() == ',' && !AtEnd()) {
        ++at_;
        return object ? SkipKey() : true;
      }
      if (AtEnd()) return Fail(object ? "an object is not closed" : "an array is not closed");
      if (Peek() != (object ? '}' : ']')) {
        return Fail(object ? "a comma or '}' is missing" : "a comma or ']' is missing");
      }
      Close();
    }
    return false;
  }

  bool SkipKey() {
    SkipSpace();
    if (Peek() != '"') return Fail("a property name in quotes is missing");
    if (!SkipString()) return false;
    SkipSpace();
    if (Peek() != ':') return Fail("a colon is missing");
    ++at_;
    return true;
  }

  bool SkipScalar(char c) {
    if (c == '"') return SkipString();
    if (c == '-' || std::isdigit(static_cast<unsigned char>(c))) return SkipNumber();
    for (const absl::string_view word : {"true", "false", "null"}) {
      if (!absl::StartsWith(text_.substr(at_), word)) continue;
      at_ += word.size();
      return true;
    }
    return Fail("no JSON value begins here");
  }

  bool SkipString() {
    for (++at_; !AtEnd(); ++at_) {
      const char c = Peek();
      if (c == '"') {
        ++at_;
        return true;
      }
      if (static_cast<uint8_t>(c) < 0x20) return Fail("a string holds a bare control character");
      if (c == '\\' && !SkipEscape()) return false;
    }
    return Fail("a string is not closed");
  }

  // Leaves `at_` on the last byte of the escape.
  bool SkipEscape() {
    ++at_;
    if (AtEnd()) return Fail("a string is not closed");
    if (absl::StrContains("\"\\/bfnrt", Peek())) return true;
    if (Peek() != 'u') return Fail("an escape in a string is not known");
    uint32_t unit = 0;
    if (!SkipHexUnit(&unit)) return false;
    if (unit >= 0xDC00 && unit <= 0xDFFF) return Fail("a surrogate stands alone");
    if (unit < 0xD800 || unit > 0xDBFF) return true;
    if (!absl::StartsWith(text_.substr(at_ + 1), "\\u")) return Fail("a surrogate stands alone");
    at_ += 2;
    if (!SkipHexUnit(&unit)) return false;
    return (unit >= 0xDC00 && unit <= 0xDFFF) || Fail("a surrogate stands alone");
  }

  // From the 'u' to the last of four digits.
  bool SkipHexUnit(uint32_t* unit) {
    *unit = 0;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      const char c = Peek();
      if (!std::isxdigit(static_cast<unsigned char>(c))) return Fail("\\u needs four hex digits");
      *unit = *unit * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return true;
  }

  bool SkipDigits() {
    if (!std::isdigit(static_cast<unsigned char>(Peek()))) return Fail("a number is malformed");
    while (std::isdigit(static_cast<unsigned char>(Peek()))) ++at_;
    return true;
  }

  bool SkipNumber() {
    const size_t start = at_;
    bool whole = true;
    if (Peek() == '-') ++at_;
    const bool zero = Peek() == '0';
    const size_t digits = at_;
    if (!SkipDigits()) return false;
    if (zero && at_ - digits > 1) return Fail("a number has a leading zero");
    if (Peek() == '.') {
      whole = false;
      ++at_;
      if (!SkipDigits()) return false;
    }
    if (Peek() == 'e' || Peek() == 'E') {
      whole = false;
      ++at_;
      if (Peek() == '+' || Peek() == '-') ++at_;
      if (!SkipDigits()) return false;
    }
    return InRange(start, whole);
  }

  bool InRange(size_t start, bool whole) {
    const char* first = text_.data() + start;
    const char* last = text_.data() + at_;
    bool fits = true;
    if (whole) {
      int64_t i = 0;
      uint64_t u = 0;
      fits = std::from_chars(first, last, i).ec == std::errc() ||
             std::from_chars(first, last, u).ec == std::errc();
    } else {
      double d = 0;
      // Too small is rounded to zero; only too large is out of range.
      const auto parsed = std::from_chars(first, last, d);
      fits = parsed.ec == std::errc() || !TooLarge(absl::string_view(first, last - first));
    }
    if (fits) return true;
    at_ = start;
    return Fail("a number fits neither int64, uint64 nor a finite double");
  }

  // Tells overflow from underflow, which from_chars reports alike: by where the exponent points.
  static bool TooLarge(absl::string_view number) {
    const size_t e = number.find_first_of("eE");
    return e != absl::string_view::npos ? number[e + 1] != '-'
                                        : number.find_first_not_of("-0.") < number.find('.');
  }

  const absl::string_view text_;
  const size_t depth_max_;
  size_t at_ = 0;
  std::vector<char> open_;
  std::optional<JsonFault> fault_;
};

}  // namespace

std::optional<JsonFault> FindJsonFault(absl::string_view text, size_t depth_max) {
  return FaultFinder(text, depth_max).Find();
}

}  // namespace nexus::schema
