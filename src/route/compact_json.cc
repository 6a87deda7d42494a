#include "route/compact_json.h"

#include <cstddef>

#include "absl/strings/ascii.h"

namespace nexus::route {
namespace {

constexpr int kDepthMax = 256;

// Recursive descent; copies every token to `out`. Each method is false at the first byte that does
// not fit.
class Compactor {
 public:
  explicit Compactor(absl::string_view in) : in_(in) { out_.reserve(in.size()); }

  bool Document() { return Value(0) && (Space(), at_ == in_.size()); }
  std::string Take() { return std::move(out_); }

 private:
  bool Value(int depth) {
    Space();
    if (depth > kDepthMax || at_ == in_.size()) return false;
    switch (in_[at_]) {
      case '{':
        return Members(depth, '}', /*named=*/true);
      case '[':
        return Members(depth, ']', /*named=*/false);
      case '"':
        return String();
      case 't':
        return Word("true");
      case 'f':
        return Word("false");
      case 'n':
        return Word("null");
      default:
        return Number();
    }
  }

  bool Members(int depth, char close, bool named) {
    Copy();
    if (Next(close)) return true;
    do {
      if (named && !(Space(), String() && Next(':'))) return false;
      if (!Value(depth + 1)) return false;
    } while (Next(','));
    return Next(close);
  }

  bool String() {
    if (!At('"')) return false;
    Copy();
    while (at_ < in_.size()) {
      const auto c = static_cast<unsigned char>(in_[at_]);
      if (c < 0x20) return false;
      Copy();
      if (c == '"') return true;
      if (c == '\\' && !Escape()) return false;
    }
    return false;
  }

  bool Escape() {
    if (at_ == in_.size()) return false;
    const char kind = in_[at_];
    Copy();
    if (kind != 'u') return absl::string_view("\"\\/bfnrt").find(kind) != absl::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      if (at_ == in_.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(in_[at_]))) {
        return false;
      }
      Copy();
    }
    return true;
  }

  bool Number() {
    if (At('-')) Copy();
    if (At('0')) {
      Copy();
    } else if (!Digits()) {
      return false;
    }
    if (At('.') && (Copy(), !Digits())) return false;
    if (!At('e') && !At('E')) return true;
    Copy();
    if (At('+') || At('-')) Copy();
    return Digits();
  }

  bool Digits() {
    const size_t from = at_;
    while (at_ < in_.size() && absl::ascii_isdigit(static_cast<unsigned char>(in_[at_]))) Copy();
    return at_ > from;
  }

  bool Word(absl::string_view word) {
    if (in_.substr(at_, word.size()) != word) return false;
    out_.append(word.data(), word.size());
    at_ += word.size();
    return true;
  }

  bool At(char c) const { return at_ < in_.size() && in_[at_] == c; }
  bool Next(char c) {
    Space();
    if (!At(c)) return false;
    Copy();
    return true;
  }
  void Copy() { out_ += in_[at_++]; }
  void Space() {
    while (At(' ') || At('\n') || At('\t') || At('\r')) ++at_;
  }

  const absl::string_view in_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::optional<std::string> CompactJson(absl::string_view json) {
  Compactor compactor(json);
  if (!compactor.Document()) return std::nullopt;
  return compactor.Take();
}

}  // namespace nexus::route
