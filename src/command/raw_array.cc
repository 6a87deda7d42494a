#include "command/raw_array.h"

namespace nexus::command {
namespace {

// Where the string that begins at `at` ends, inclusive.
size_t EndOfString(absl::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      break;
    }
  }
  return at;
}

}  // namespace

std::vector<absl::string_view> RawItems(absl::string_view text) {
  std::vector<absl::string_view> items;
  if (text.size() < 3 || text.front() != '[' || text.back() != ']') return items;
  const absl::string_view inner = text.substr(1, text.size() - 2);
  size_t begin = 0;
  int depth = 0;
  for (size_t at = 0; at < inner.size(); ++at) {
    const char c = inner[at];
    if (c == '"') {
      at = EndOfString(inner, at);
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ',' && depth == 0) {
      items.push_back(inner.substr(begin, at - begin));
      begin = at + 1;
    }
  }
  items.push_back(inner.substr(begin));
  return items;
}

}  // namespace nexus::command
