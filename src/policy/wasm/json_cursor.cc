#include "policy/wasm/json_cursor.h"

namespace nexus::policy {
namespace {

// The first quote or bracket from `at` on; `end` or beyond if there is none.
const char* FindBracket(const char* at, const char* end) {
#ifdef __SSE2__
  // Square brackets become curly ones by one bit, and nothing else that may stand outside of a
  // string becomes one of the three.
  for (; at < end; at += JsonCursor::kPadding) {
    const __m128i block =
        _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)), _mm_set1_epi8(0x20));
    const __m128i brackets = _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('{')),
                                          _mm_cmpeq_epi8(block, _mm_set1_epi8('}')));
    const int found =
        _mm_movemask_epi8(_mm_or_si128(brackets, _mm_cmpeq_epi8(block, _mm_set1_epi8('"'))));
    if (found != 0) return at + __builtin_ctz(static_cast<unsigned>(found));
  }
#else
  while (at < end && *at != '"' && *at != '{' && *at != '}' && *at != '[' && *at != ']') ++at;
#endif
  return at;
}

}  // namespace

bool JsonCursor::SkipContainer() {
  size_t depth = 0;
  while ((at_ = FindBracket(at_, end_)) < end_) {
    if (*at_ == '"') {
      if (!SkipString()) return false;
      continue;
    }
    const bool opens = *at_ == '{' || *at_ == '[';
    ++at_;
    depth = opens ? depth + 1 : depth - 1;
    if (depth == 0) return true;
  }
  at_ = end_;
  return false;
}

}  // namespace nexus::policy
