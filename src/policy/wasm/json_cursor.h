#pragma once

// Steps through the text of a JSON document, over values that nobody wants to see at the speed of
// looking for the next quote or bracket.
//
// Finds out what the structure of the text is, not whether every token is sound; never leaves the
// text. Not thread-safe.

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <cstddef>
#include <string_view>

namespace nexus::policy {

class JsonCursor {
 public:
  // The text must be followed by kPadding bytes that may be read; they are not looked at. It must
  // outlive this.
  static constexpr size_t kPadding = 16;
  explicit JsonCursor(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {}

  // The next character that is no white space; 0 at the end.
  char Peek() {
    while (at_ < end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\t' || *at_ == '\r')) ++at_;
    return at_ < end_ ? *at_ : '\0';
  }
  bool AtEnd() { return Peek() == '\0' && at_ == end_; }
  // Steps over it if it is next.
  bool Take(char c) {
    if (Peek() != c) return false;
    ++at_;
    return true;
  }

  // Steps over a string and gives what stands between its quotes, as it is written. False if there
  // is none.
  bool String(std::string_view& written) {
    if (Peek() != '"') return false;
    const char* const begin = at_ + 1;
    if (!SkipString()) return false;
    written = {begin, static_cast<size_t>(at_ - 1 - begin)};
    return true;
  }
  // Steps over a value and gives its text. False if there is none, or it has no end.
  bool Value(std::string_view& written) {
    Peek();
    const char* const begin = at_;
    if (!Skip()) return false;
    written = {begin, static_cast<size_t>(at_ - begin)};
    return true;
  }
  bool Skip() {
    const char first = Peek();
    if (first == '"') return SkipString();
    if (first == '{' || first == '[') return SkipContainer();
    const char* const begin = at_;
    while (at_ < end_ && *at_ != ',' && *at_ != '}' && *at_ != ']' && *at_ > ' ') ++at_;
    return at_ != begin;
  }

 private:
  bool SkipString() {
    ++at_;
    while ((at_ = FindInString(at_, end_)) < end_) {
      if (*at_ == '"') {
        ++at_;
        return true;
      }
      at_ += 2;
    }
    at_ = end_;
    return false;
  }
  bool SkipContainer();

  // The first quote or backslash from `at` on; `end` or beyond if there is none.
  static const char* FindInString(const char* at, const char* end) {
#ifdef __SSE2__
    for (; at < end; at += kPadding) {
      const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
      const int found = _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('"')),
                                                       _mm_cmpeq_epi8(block, _mm_set1_epi8('\\'))));
      if (found != 0) return at + __builtin_ctz(static_cast<unsigned>(found));
    }
#else
    while (at < end && *at != '"' && *at != '\\') ++at;
#endif
    return at;
  }

  const char* at_;
  const char* const end_;
};

}  // namespace nexus::policy
