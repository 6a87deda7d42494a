#include "config/config_value.h"

namespace nexus::config {

ConfigValue ConfigValue::Scalar(absl::string_view text) {
  ConfigValue value;
  value.kind = Kind::kScalar;
  value.text = std::string(text);
  return value;
}

absl::string_view KindName(const ConfigValue& value) {
  switch (value.kind) {
    case ConfigValue::Kind::kNull:
      return "nothing";
    case ConfigValue::Kind::kScalar:
      return "text";
    case ConfigValue::Kind::kList:
      return "a list";
    case ConfigValue::Kind::kMap:
      return "a map";
  }
  return "nothing";
}

}  // namespace nexus::config
