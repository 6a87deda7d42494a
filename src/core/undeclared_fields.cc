#include "nexus/core/undeclared_fields.h"

#include <utility>

#include "nexus/core/name_table.h"

namespace nexus {
namespace {

constexpr std::pair<UndeclaredFields, absl::string_view> kNames[] = {
    {UndeclaredFields::kByFormat, "BY_FORMAT"},
    {UndeclaredFields::kAllow, "ALLOW"},
    {UndeclaredFields::kWarn, "WARN"},
    {UndeclaredFields::kReject, "REJECT"},
};

}  // namespace

UndeclaredFields ResolveUndeclaredFields(UndeclaredFields setting, SchemaFormat format) {
  if (format == SchemaFormat::kAvro) return UndeclaredFields::kAllow;
  if (setting != UndeclaredFields::kByFormat) return setting;
  return format == SchemaFormat::kProtobuf ? UndeclaredFields::kReject : UndeclaredFields::kAllow;
}

absl::string_view UndeclaredFieldsName(UndeclaredFields setting) { return NameIn(kNames, setting); }

bool ParseUndeclaredFields(absl::string_view name, UndeclaredFields& setting) {
  return ParseNameIn(kNames, name, setting);
}

}  // namespace nexus
