#pragma once

// Whether a text is well-formed XML 1.0, as far as reports go: a declaration, elements, attributes,
// text and entities. Written after the grammar of the recommendation.

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "nexus/core/text.h"

namespace nexus::cli {

class XmlCheck {
 public:
  explicit XmlCheck(absl::string_view text) : text_(text) {}

  // Empty, or what is wrong.
  std::string Fault() {
    if (FindInvalidUtf8(text_).has_value()) return "not UTF-8";
    for (const char c : text_) {
      if (static_cast<unsigned char>(c) < 0x20 && c != '\n') return "a control character";
    }
    if (absl::StrContains(text_, "\xEF\xBF\xBF")) return "U+FFFF";
    if (!Skip("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n")) return "no declaration";
    while (fault_.empty() && at_ < text_.size()) Step();
    if (fault_.empty() && !open_.empty()) return absl::StrCat(open_.back(), " is not closed");
    if (fault_.empty() && roots_ != 1) return absl::StrCat(roots_, " roots");
    return fault_;
  }

 private:
  void Step() {
    if (Skip("</")) {
      const std::string name = Name();
      if (open_.empty() || open_.back() != name) return Fail("closes " + name);
      open_.pop_back();
      if (!Skip(">")) Fail("no > behind " + name);
    } else if (Skip("<")) {
      Element();
    } else {
      const bool outside = open_.empty();
      const size_t begin = at_;
      Characters("<");
      if (outside && !absl::StripAsciiWhitespace(text_.substr(begin, at_ - begin)).empty()) {
        Fail("text outside the root");
      }
    }
  }
  void Element() {
    const std::string name = Name();
    if (name.empty()) return Fail("an element without a name");
    if (open_.empty()) ++roots_;
    std::set<std::string> attributes;
    while (fault_.empty() && Skip(" ")) {
      const std::string attribute = Name();
      if (!attributes.insert(attribute).second) return Fail(attribute + " stands twice");
      if (!Skip("=\"")) return Fail("no value of " + attribute);
      Characters("\"");
      if (!Skip("\"")) return Fail("no end of " + attribute);
    }
    if (Skip("/>")) return;
    if (!Skip(">")) return Fail("no end of " + name);
    open_.push_back(name);
  }
  // Until `end`, which is not taken.
  void Characters(absl::string_view end) {
    while (at_ < text_.size() && !absl::StartsWith(text_.substr(at_), end)) {
      if (text_[at_] == '<') return Fail("a bare <");
      if (absl::StartsWith(text_.substr(at_), "]]>")) return Fail("a bare ]]>");
      if (text_[at_] != '&') {
        ++at_;
        continue;
      }
      const size_t semicolon = text_.find(';', at_);
      if (semicolon == absl::string_view::npos) return Fail("a bare &");
      static const std::set<absl::string_view> kEntities = {"&amp",  "&lt", "&gt",  "&quot",
                                                            "&apos", "&#9", "&#10", "&#13"};
      if (kEntities.count(text_.substr(at_, semicolon - at_)) == 0) return Fail("a bare &");
      at_ = semicolon + 1;
    }
  }
  std::string Name() {
    const size_t begin = at_;
    while (at_ < text_.size() && absl::ascii_isalpha(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  bool Skip(absl::string_view token) {
    if (!absl::StartsWith(text_.substr(at_), token)) return false;
    at_ += token.size();
    return true;
  }
  void Fail(const std::string& fault) {
    fault_ = absl::StrCat(fault, " at byte ", at_);
    at_ = text_.size();
  }

  const absl::string_view text_;
  size_t at_ = 0;
  int roots_ = 0;
  std::vector<std::string> open_;
  std::string fault_;
};

}  // namespace nexus::cli
