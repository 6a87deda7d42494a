#include "config/key_lookup.h"

#include <algorithm>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "config/option_table.h"
#include "nexus/core/edit_distance.h"

namespace nexus::config {
namespace {

constexpr size_t kKeyBytesMax = 100;

std::set<std::string> KeysAndSections() {
  std::set<std::string> all;
  for (const Option& option : AllOptions()) {
    for (size_t dot = option.key.find('.'); dot != absl::string_view::npos;
         dot = option.key.find('.', dot + 1)) {
      all.emplace(option.key.substr(0, dot));
    }
    all.emplace(option.key);
  }
  return all;
}

}  // namespace

std::string NearestKey(absl::string_view unknown) {
  if (unknown.empty() || unknown.size() > kKeyBytesMax) return "";
  const std::set<std::string> all = KeysAndSections();
  // Right name, wrong section: tell it if only one has it.
  const std::string tail = absl::StrCat(
      ".",
      unknown.substr(unknown.rfind('.') == absl::string_view::npos ? 0 : unknown.rfind('.') + 1));
  std::string same_tail;
  size_t same_tails = 0;
  std::string nearest;
  size_t least = std::max<size_t>(2, unknown.size() / 4) + 1;
  for (const std::string& key : all) {
    if (absl::EndsWith(key, tail)) {
      same_tail = key;
      ++same_tails;
    }
    const size_t distance = EditDistance(unknown, key);
    if (distance >= least) continue;
    least = distance;
    nearest = key;
  }
  return nearest.empty() && same_tails == 1 ? same_tail : nearest;
}

std::string UnknownKeyMessage(absl::string_view unknown) {
  const std::string nearest = NearestKey(unknown);
  return nearest.empty() ? "unknown key" : absl::StrCat("unknown key; did you mean ", nearest, "?");
}

}  // namespace nexus::config
