#include "schema/schema_record.h"

#include <utility>

#include "nexus/core/name_table.h"

namespace nexus::schema {
namespace {

constexpr std::pair<RegistryMode, absl::string_view> kModeNames[] = {
    {RegistryMode::kReadWrite, "READWRITE"},
    {RegistryMode::kReadOnly, "READONLY"},
    {RegistryMode::kReadOnlyOverride, "READONLY_OVERRIDE"},
    {RegistryMode::kImport, "IMPORT"},
};

}  // namespace

absl::string_view RegistryModeName(RegistryMode mode) { return NameIn(kModeNames, mode); }

bool ParseRegistryMode(absl::string_view name, RegistryMode& mode) {
  return ParseNameIn(kModeNames, name, mode);
}

}  // namespace nexus::schema
