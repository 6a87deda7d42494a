#include "schema/json/pattern_sequence.h"

#include <utility>

namespace nexus::schema {
namespace {

constexpr uint32_t kNoMax = UINT32_MAX;
constexpr uint32_t kCountMax = 1'000;  // RE2 refuses more
constexpr size_t kPartsMax = 64;

}  // namespace

// Knows what it knows, and gives up at everything else.
class PatternSequence::Parser {
 public:
  explicit Parser(absl::string_view source) : in_(source) {}

  bool Run(PatternSequence& out) {
    if (in_.empty() || in_[0] != '^') return false;
    at_ = 1;
    while (at_ < in_.size()) {
      if (in_[at_] == '$' && at_ + 1 == in_.size()) {
        out.to_end_ = true;
        return true;
      }
      Part part;
      if (!ReadAtom(part.characters) || !ReadCount(part) || out.parts_.size() == kPartsMax) {
        return false;
      }
      out.parts_.push_back(part);
    }
    return true;
  }

 private:
  bool ReadAtom(Class& characters) {
    const char c = in_[at_];
    if (c == '[') return ReadClass(characters);
    if (c == '\\') return ReadEscape(characters);
    static constexpr absl::string_view kSpecial = "^$.|?*+(){}]";
    if (static_cast<unsigned char>(c) >= 128 || kSpecial.find(c) != absl::string_view::npos) {
      return false;
    }
    characters.Add(static_cast<unsigned char>(c));
    ++at_;
    return true;
  }

  bool ReadEscape(Class& characters) {
    if (at_ + 1 >= in_.size()) return false;
    const char c = in_[at_ + 1];
    at_ += 2;
    if (c == 'd' || c == 'w') {
      characters.AddRange('0', '9');
      if (c == 'd') return true;
      characters.AddRange('a', 'z');
      characters.AddRange('A', 'Z');
      characters.Add('_');
      return true;
    }
    static constexpr absl::string_view kLiteral = "^$.|?*+()[]{}\\/-";
    if (kLiteral.find(c) == absl::string_view::npos) return false;
    characters.Add(static_cast<unsigned char>(c));
    return true;
  }

  // One character of a class, which a range may begin or end with; -1 if it is something else.
  int ReadMember() {
    if (at_ >= in_.size()) return -1;
    const char c = in_[at_];
    if (c == '\\') {
      static constexpr absl::string_view kLiteral = "^$.|?*+()[]{}\\/-";
      if (at_ + 1 >= in_.size() || kLiteral.find(in_[at_ + 1]) == absl::string_view::npos) {
        return -1;
      }
      at_ += 2;
      return static_cast<unsigned char>(in_[at_ - 1]);
    }
    if (c == '[' || c == '&' || static_cast<unsigned char>(c) >= 128) return -1;
    ++at_;
    return static_cast<unsigned char>(c);
  }

  bool ReadClass(Class& characters) {
    ++at_;
    if (at_ >= in_.size() || in_[at_] == '^' || in_[at_] == ']') return false;
    while (at_ < in_.size() && in_[at_] != ']') {
      const absl::string_view rest = in_.substr(at_);
      if (rest.substr(0, 2) == "\\d" || rest.substr(0, 2) == "\\w") {
        ReadEscape(characters);
        if (at_ < in_.size() && in_[at_] == '-' && at_ + 1 < in_.size() && in_[at_ + 1] != ']') {
          return false;
        }
        continue;
      }
      const int first = ReadMember();
      if (first < 0) return false;
      int last = first;
      if (at_ + 1 < in_.size() && in_[at_] == '-' && in_[at_ + 1] != ']') {
        ++at_;
        last = ReadMember();
        if (last < first) return false;
      }
      characters.AddRange(static_cast<unsigned char>(first), static_cast<unsigned char>(last));
    }
    if (at_ >= in_.size()) return false;
    ++at_;
    return true;
  }

  bool ReadCount(Part& part) {
    if (at_ >= in_.size()) return true;
    const char c = in_[at_];
    if (c == '?' || c == '*' || c == '+') {
      part.count_min = c == '+' ? 1 : 0;
      part.count_max = c == '?' ? 1 : kNoMax;
      ++at_;
    } else if (c == '{' && !ReadBraces(part)) {
      return false;
    }
    // What follows a count would make it lazy, or be an error.
    return at_ >= in_.size() || (in_[at_] != '?' && in_[at_] != '*' && in_[at_] != '+') ||
           (c != '?' && c != '*' && c != '+' && c != '{');
  }

  bool ReadBraces(Part& part) {
    ++at_;
    if (!ReadNumber(part.count_min)) return false;
    part.count_max = part.count_min;
    if (at_ < in_.size() && in_[at_] == ',') {
      ++at_;
      part.count_max = kNoMax;
      if (at_ < in_.size() && in_[at_] != '}' && !ReadNumber(part.count_max)) return false;
    }
    if (at_ >= in_.size() || in_[at_] != '}' || part.count_max < part.count_min) return false;
    ++at_;
    return true;
  }

  bool ReadNumber(uint32_t& number) {
    const size_t begin = at_;
    number = 0;
    while (at_ < in_.size() && in_[at_] >= '0' && in_[at_] <= '9') {
      number = number * 10 + static_cast<uint32_t>(in_[at_++] - '0');
      if (number > kCountMax) return false;
    }
    return at_ > begin;
  }

  const absl::string_view in_;
  size_t at_ = 0;
};

std::optional<PatternSequence> PatternSequence::Parse(absl::string_view source) {
  PatternSequence sequence;
  if (!Parser(source).Run(sequence) || !sequence.NeedsNoReturn()) return std::nullopt;
  return sequence;
}

bool PatternSequence::NeedsNoReturn() const {
  for (size_t i = 0; i < parts_.size(); ++i) {
    if (parts_[i].count_min == parts_[i].count_max) continue;
    // A character that this part may take must be of no use to what may come next.
    for (size_t next = i + 1; next < parts_.size(); ++next) {
      if (parts_[i].characters.Meets(parts_[next].characters)) return false;
      if (parts_[next].count_min > 0) break;
    }
  }
  return true;
}

bool PatternSequence::Matches(std::string_view text) const {
  size_t at = 0;
  for (const Part& part : parts_) {
    uint32_t count = 0;
    while (count < part.count_max && at < text.size() &&
           part.characters.Has(static_cast<unsigned char>(text[at]))) {
      ++count;
      ++at;
    }
    if (count < part.count_min) return false;
  }
  return !to_end_ || at == text.size();
}

}  // namespace nexus::schema
