#include "route/transform/json_scanner.h"

#include <cstdint>

#include "absl/strings/ascii.h"

namespace nexus::route {
namespace {

constexpr int kHexDigits = 4;

bool IsDigit(char c) { return absl::ascii_isdigit(static_cast<unsigned char>(c)); }
bool IsHexDigit(char c) { return absl::ascii_isxdigit(static_cast<unsigned char>(c)); }

uint32_t HexValue(absl::string_view digits) {
  uint32_t value = 0;
  for (const char c : digits) {
    const auto lower = static_cast<uint32_t>(absl::ascii_tolower(static_cast<unsigned char>(c)));
    value = value * 16 + (IsDigit(c) ? lower - '0' : lower - 'a' + 10);
  }
  return value;
}

void AppendUtf8(std::string& out, uint32_t code) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((code >> shift) & 0x3f)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0 | (code >> 6));
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0 | (code >> 12));
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0 | (code >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

bool IsHigh(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLow(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// The escape behind a backslash at `at`; steps over it.
void AppendEscape(std::string& out, absl::string_view body, size_t& at) {
  const char kind = body[at++];
  if (kind != 'u') {
    static constexpr absl::string_view kKinds = "bfnrt";
    static constexpr absl::string_view kBytes = "\b\f\n\r\t";
    const size_t known = kKinds.find(kind);
    out += known == absl::string_view::npos ? kind : kBytes[known];
    return;
  }
  uint32_t code = HexValue(body.substr(at, kHexDigits));
  at += kHexDigits;
  if (IsHigh(code) && body.substr(at, 2) == "\\u") {
    const uint32_t low = HexValue(body.substr(at + 2, kHexDigits));
    if (IsLow(low)) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      at += 2 + kHexDigits;
    }
  }
  AppendUtf8(out, code);
}

}  // namespace

char JsonScanner::Peek() {
  Space();
  return at_ < text_.size() ? text_[at_] : '\0';
}

bool JsonScanner::Take(char c) {
  Space();
  if (!At(c)) return false;
  ++at_;
  return true;
}

bool JsonScanner::String(absl::string_view& raw) {
  Space();
  const size_t from = at_;
  if (!At('"')) return false;
  ++at_;
  while (at_ < text_.size()) {
    const auto c = static_cast<unsigned char>(text_[at_]);
    if (c < 0x20) return false;
    ++at_;
    if (c == '\\' && !Escape()) return false;
    if (c != '"') continue;
    raw = text_.substr(from, at_ - from);
    return true;
  }
  return false;
}

bool JsonScanner::Escape() {
  if (at_ == text_.size()) return false;
  const char kind = text_[at_++];
  if (kind != 'u') return absl::string_view("\"\\/bfnrt").find(kind) != absl::string_view::npos;
  for (int i = 0; i < kHexDigits; ++i, ++at_) {
    if (at_ == text_.size() || !IsHexDigit(text_[at_])) return false;
  }
  return true;
}

bool JsonScanner::Scalar(absl::string_view& raw) {
  const char first = Peek();
  if (first == '"') return String(raw);
  const size_t from = at_;
  const bool whole = first == 't'   ? Word("true")
                     : first == 'f' ? Word("false")
                     : first == 'n' ? Word("null")
                                    : Number();
  raw = text_.substr(from, at_ - from);
  return whole;
}

bool JsonScanner::Number() {
  if (At('-')) ++at_;
  if (At('0')) {
    ++at_;
  } else if (!Digits()) {
    return false;
  }
  if (At('.') && (++at_, !Digits())) return false;
  if (!At('e') && !At('E')) return true;
  ++at_;
  if (At('+') || At('-')) ++at_;
  return Digits();
}

bool JsonScanner::Digits() {
  const size_t from = at_;
  while (at_ < text_.size() && IsDigit(text_[at_])) ++at_;
  return at_ > from;
}

bool JsonScanner::Word(absl::string_view word) {
  if (text_.substr(at_, word.size()) != word) return false;
  at_ += word.size();
  return true;
}

void JsonScanner::Space() {
  while (At(' ') || At('\n') || At('\t') || At('\r')) ++at_;
}

bool JsonScanner::AtEnd() {
  Space();
  return at_ == text_.size();
}

std::string DecodedString(absl::string_view raw) {
  const absl::string_view body = raw.substr(1, raw.size() - 2);
  std::string out;
  out.reserve(body.size());
  size_t at = 0;
  while (at < body.size()) {
    const char c = body[at++];
    if (c == '\\') {
      AppendEscape(out, body, at);
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace nexus::route
