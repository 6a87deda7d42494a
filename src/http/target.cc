#include "http/target.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"

namespace nexus::http {
namespace {

std::string Decoded(absl::string_view text, bool plus_is_space) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool escaped = text[i] == '%' && i + 2 < text.size() &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                         absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]));
    if (escaped) {
      out += absl::HexStringToBytes(text.substr(i + 1, 2));
      i += 2;
    } else {
      out += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

}  // namespace

std::vector<std::string> SegmentsOf(absl::string_view path, size_t skipped) {
  path.remove_prefix(skipped);
  std::vector<std::string> segments;
  for (const absl::string_view segment : absl::StrSplit(path, '/', absl::SkipEmpty())) {
    segments.push_back(Decoded(segment, false));
  }
  return segments;
}

Parameters::Parameters(absl::string_view query) {
  for (const absl::string_view pair : absl::StrSplit(query, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> halves =
        absl::StrSplit(pair, absl::MaxSplits('=', 1));
    values_[Decoded(halves.first, true)] = Decoded(halves.second, true);
  }
}

bool Parameters::Flag(absl::string_view name) const {
  return absl::EqualsIgnoreCase(Text(name), "true");
}

std::string Parameters::Text(absl::string_view name) const {
  const auto at = values_.find(name);
  return at == values_.end() ? "" : at->second;
}

int64_t Parameters::Number(absl::string_view name, int64_t otherwise) const {
  int64_t number = 0;
  return absl::SimpleAtoi(Text(name), &number) ? number : otherwise;
}

}  // namespace nexus::http
