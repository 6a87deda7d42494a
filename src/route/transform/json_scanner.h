#pragma once

// Reads JSON token by token and keeps their bytes as they are: numbers keep their digits, strings
// their escapes. Strict (RFC 8259).
//
// Not thread-safe. `text` must outlive it and the views that it gives.

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace nexus::route {

class JsonScanner {
 public:
  explicit JsonScanner(absl::string_view text) : text_(text) {}

  // The first byte of the next token; 0 at the end.
  char Peek();
  // Steps over `c` if it is the next token.
  bool Take(char c);
  // A string with its quotes; false if there is none, or it is malformed.
  bool String(absl::string_view& raw);
  // A string, a number, true, false or null.
  bool Scalar(absl::string_view& raw);
  // Only white space is left.
  bool AtEnd();
  size_t offset() const { return at_; }

 private:
  bool At(char c) const { return at_ < text_.size() && text_[at_] == c; }
  void Space();
  bool Escape();
  bool Number();
  bool Digits();
  bool Word(absl::string_view word);

  const absl::string_view text_;
  size_t at_ = 0;
};

// The text that a string stands for, in UTF-8. `raw` as String() gives it. Half of a surrogate pair
// becomes what it would be in UTF-8, so that different strings stay different.
std::string DecodedString(absl::string_view raw);

}  // namespace nexus::route
