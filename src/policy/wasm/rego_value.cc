#include "policy/wasm/rego_value.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::policy {
namespace {

constexpr int kDepthMax = 256;

void AppendUtf8(std::string& out, uint32_t code) {
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xc0 | code >> 6));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xe0 | code >> 12));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  } else {
    out.push_back(static_cast<char>(0xf0 | code >> 18));
    out.push_back(static_cast<char>(0x80 | (code >> 12 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code >> 6 & 0x3f)));
    out.push_back(static_cast<char>(0x80 | (code & 0x3f)));
  }
}

class Parser {
 public:
  explicit Parser(absl::string_view text) : text_(text) {}

  absl::StatusOr<RegoValue> Parse() {
    NEXUS_ASSIGN_OR_RETURN(RegoValue value, Value(0));
    SkipSpace();
    if (at_ != text_.size()) return Malformed();
    return value;
  }

 private:
  absl::Status Malformed() const {
    return absl::InvalidArgumentError(absl::StrCat("no value of Rego, at byte ", at_));
  }
  void SkipSpace() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t' || text_[at_] == '\r')) {
      ++at_;
    }
  }
  bool Accept(char c) {
    SkipSpace();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool AcceptWord(absl::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  absl::StatusOr<RegoValue> Value(int depth) {
    if (depth > kDepthMax) return Malformed();
    SkipSpace();
    RegoValue value;
    if (AcceptWord("null")) return value;
    if (AcceptWord("true")) return RegoValue::Boolean(true);
    if (AcceptWord("false")) return RegoValue::Boolean(false);
    if (AcceptWord("set()")) {
      value.kind = RegoValue::Kind::kSet;
      return value;
    }
    if (Accept('"')) return String();
    if (Accept('[')) return Array(depth);
    if (Accept('{')) return Braces(depth);
    return Number();
  }

  absl::StatusOr<RegoValue> Number() {
    const size_t end = std::min(text_.find_first_not_of("+-0123456789.eE", at_), text_.size());
    // What is no number has no place in the order of numbers.
    double ignored = 0;
    if (!absl::SimpleAtod(text_.substr(at_, end - at_), &ignored)) return Malformed();
    RegoValue value = RegoValue::NumberText(std::string(text_.substr(at_, end - at_)));
    at_ = end;
    return value;
  }

  absl::StatusOr<RegoValue> Array(int depth) {
    RegoValue value;
    value.kind = RegoValue::Kind::kArray;
    if (Accept(']')) return value;
    do {
      NEXUS_ASSIGN_OR_RETURN(RegoValue item, Value(depth + 1));
      value.items.push_back(std::move(item));
    } while (Accept(','));
    if (!Accept(']')) return Malformed();
    return value;
  }

  // An object or a set: what follows the first value tells.
  absl::StatusOr<RegoValue> Braces(int depth) {
    RegoValue value;
    value.kind = RegoValue::Kind::kObject;
    if (Accept('}')) return value;
    do {
      NEXUS_ASSIGN_OR_RETURN(RegoValue item, Value(depth + 1));
      value.items.push_back(std::move(item));
      const bool pair = Accept(':');
      if (value.items.size() == 1 && !pair) value.kind = RegoValue::Kind::kSet;
      if (pair != value.is(RegoValue::Kind::kObject)) return Malformed();
      if (!pair) continue;
      NEXUS_ASSIGN_OR_RETURN(RegoValue member, Value(depth + 1));
      value.items.push_back(std::move(member));
    } while (Accept(','));
    if (!Accept('}')) return Malformed();
    Sort(value);
    return value;
  }

  static void Sort(RegoValue& value) {
    std::vector<RegoValue>& items = value.items;
    if (value.is(RegoValue::Kind::kSet)) {
      std::sort(items.begin(), items.end(), Before);
      return;
    }
    std::vector<std::pair<RegoValue, RegoValue>> members;
    for (size_t i = 0; i + 1 < items.size(); i += 2) {
      members.emplace_back(std::move(items[i]), std::move(items[i + 1]));
    }
    std::sort(members.begin(), members.end(),
              [](const auto& a, const auto& b) { return Before(a.first, b.first); });
    for (size_t i = 0; i < members.size(); ++i) {
      items[2 * i] = std::move(members[i].first);
      items[2 * i + 1] = std::move(members[i].second);
    }
  }

  static bool Before(const RegoValue& a, const RegoValue& b) { return CompareRegoValues(a, b) < 0; }

  absl::StatusOr<RegoValue> String() {
    std::string out;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] != '\\') {
        out.push_back(text_[at_++]);
        continue;
      }
      ++at_;
      if (!Escape(out)) return Malformed();
    }
    if (at_ >= text_.size()) return Malformed();
    ++at_;
    return RegoValue::String(std::move(out));
  }

  bool Escape(std::string& out) {
    if (at_ >= text_.size()) return false;
    const char c = text_[at_++];
    constexpr absl::string_view kFrom = "\"\\/bfnrt";
    constexpr absl::string_view kTo = "\"\\/\b\f\n\r\t";
    if (const size_t known = kFrom.find(c); known != absl::string_view::npos) {
      out.push_back(kTo[known]);
      return true;
    }
    uint32_t code = 0;
    if (c != 'u' || !Hex(code)) return false;
    uint32_t low = 0;
    if (code >= 0xd800 && code < 0xdc00 && AcceptWord("\\u") && Hex(low) && low >= 0xdc00) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    AppendUtf8(out, code);
    return true;
  }

  bool Hex(uint32_t& code) {
    if (at_ + 4 > text_.size()) return false;
    code = 0;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[at_++];
      const bool digit = c >= '0' && c <= '9';
      const char lower = static_cast<char>(c | 0x20);
      if (!digit && (lower < 'a' || lower > 'f')) return false;
      code = code * 16 + static_cast<uint32_t>(digit ? c - '0' : lower - 'a' + 10);
    }
    return true;
  }

  const absl::string_view text_;
  size_t at_ = 0;
};

void Print(const RegoValue& value, std::string& out) {
  const auto list = [&](char open, char close) {
    out.push_back(open);
    const bool pairs = value.is(RegoValue::Kind::kObject);
    for (size_t i = 0; i < value.items.size(); ++i) {
      if (i > 0) out.append(pairs && i % 2 == 1 ? ": " : ", ");
      Print(value.items[i], out);
    }
    out.push_back(close);
  };
  switch (value.kind) {
    case RegoValue::Kind::kNull:
      out.append("null");
      break;
    case RegoValue::Kind::kBoolean:
      out.append(value.boolean ? "true" : "false");
      break;
    case RegoValue::Kind::kNumber:
      out.append(value.text);
      break;
    case RegoValue::Kind::kString:
      AppendJsonString(out, value.text);
      break;
    case RegoValue::Kind::kArray:
      list('[', ']');
      break;
    case RegoValue::Kind::kObject:
      list('{', '}');
      break;
    case RegoValue::Kind::kSet:
      if (value.items.empty()) {
        out.append("set()");
      } else {
        list('{', '}');
      }
      break;
  }
}

}  // namespace

RegoValue RegoValue::Boolean(bool value) {
  RegoValue made;
  made.kind = Kind::kBoolean;
  made.boolean = value;
  return made;
}

RegoValue RegoValue::Number(int64_t value) { return NumberText(absl::StrCat(value)); }

RegoValue RegoValue::NumberText(std::string text) {
  RegoValue made;
  made.kind = Kind::kNumber;
  made.text = std::move(text);
  return made;
}

RegoValue RegoValue::String(std::string text) {
  RegoValue made;
  made.kind = Kind::kString;
  made.text = std::move(text);
  return made;
}

RegoValue RegoValue::Array(std::vector<RegoValue> items) {
  RegoValue made;
  made.kind = Kind::kArray;
  made.items = std::move(items);
  return made;
}

RegoValue RegoValue::Object(std::vector<RegoValue> keys_and_values) {
  RegoValue made;
  made.kind = Kind::kObject;
  made.items = std::move(keys_and_values);
  return made;
}

const RegoValue* RegoValue::Find(absl::string_view key) const {
  if (!is(Kind::kObject)) return nullptr;
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].is(Kind::kString) && items[i].text == key) return &items[i + 1];
  }
  return nullptr;
}

int CompareRegoValues(const RegoValue& a, const RegoValue& b) {
  if (a.kind != b.kind) return a.kind < b.kind ? -1 : 1;
  if (a.boolean != b.boolean) return a.boolean ? 1 : -1;
  if (a.is(RegoValue::Kind::kNumber)) {
    double x = 0;
    double y = 0;
    if (absl::SimpleAtod(a.text, &x) && absl::SimpleAtod(b.text, &y) && x != y) {
      return x < y ? -1 : 1;
    }
  }
  if (a.text != b.text) return a.text < b.text ? -1 : 1;
  // Objects: by their keys first, then by their values.
  const size_t step = a.is(RegoValue::Kind::kObject) ? 2 : 1;
  for (size_t part = 0; part < step; ++part) {
    for (size_t i = part; i < std::min(a.items.size(), b.items.size()); i += step) {
      const int order = CompareRegoValues(a.items[i], b.items[i]);
      if (order != 0) return order;
    }
    if (a.items.size() != b.items.size()) return a.items.size() < b.items.size() ? -1 : 1;
  }
  return 0;
}

absl::StatusOr<RegoValue> ParseRegoValue(absl::string_view text) { return Parser(text).Parse(); }

std::string PrintRegoValue(const RegoValue& value) {
  std::string out;
  Print(value, out);
  return out;
}

}  // namespace nexus::policy
