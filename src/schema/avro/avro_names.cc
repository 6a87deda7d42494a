#include "schema/avro/avro_names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace nexus::schema {

bool IsAvroName(absl::string_view name) {
  const auto fits = [](char c) { return absl::ascii_isalnum(c) || c == '_'; };
  return !name.empty() && !absl::ascii_isdigit(name[0]) &&
         std::all_of(name.begin(), name.end(), fits);
}

bool IsDottedAvroName(absl::string_view name, bool allow_empty) {
  if (name.empty()) return allow_empty;
  for (const absl::string_view part : absl::StrSplit(name, '.')) {
    if (!IsAvroName(part)) return false;
  }
  return true;
}

std::string FullAvroName(absl::string_view name, absl::string_view space) {
  if (space.empty() || name.find('.') != absl::string_view::npos) return std::string(name);
  return absl::StrCat(space, ".", name);
}

absl::string_view NamespaceOf(absl::string_view full_name) {
  const size_t dot = full_name.rfind('.');
  return dot == absl::string_view::npos ? absl::string_view() : full_name.substr(0, dot);
}

}  // namespace nexus::schema
