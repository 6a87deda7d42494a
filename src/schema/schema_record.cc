#include "schema/schema_record.h"

#include <utility>

namespace nexus::schema {
namespace {

constexpr std::pair<RegistryMode, absl::string_view> kModeNames[] = {
    {RegistryMode::kReadWrite, "READWRITE"},
    {RegistryMode::kReadOnly, "READONLY"},
    {RegistryMode::kReadOnlyOverride, "READONLY_OVERRIDE"},
    {RegistryMode::kImport, "IMPORT"},
};

}  // namespace

absl::string_view RegistryModeName(RegistryMode mode) {
  for (const auto& [known, name] : kModeNames) {
    if (known == mode) return name;
  }
  return "UNKNOWN";
}

bool ParseRegistryMode(absl::string_view name, RegistryMode& mode) {
  for (const auto& [known, text] : kModeNames) {
    if (text != name) continue;
    mode = known;
    return true;
  }
  return false;
}

}  // namespace nexus::schema
