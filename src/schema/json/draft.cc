#include "schema/json/draft.h"

#include <utility>

#include "absl/strings/strip.h"

namespace nexus::schema {

std::optional<Draft> MetaschemaOf(absl::string_view uri) {
  static constexpr std::pair<absl::string_view, Draft> kMetaschemas[] = {
      {"//json-schema.org/draft-04/schema", Draft::k4},
      {"//json-schema.org/draft-06/schema", Draft::k6},
      {"//json-schema.org/draft-07/schema", Draft::k7},
      {"//json-schema.org/draft/2019-09/schema", Draft::k2019_09},
      {"//json-schema.org/draft/2020-12/schema", Draft::k2020_12},
  };
  // Both schemes are in use for all of them, whatever each draft says is its own.
  if (!absl::ConsumePrefix(&uri, "https:") && !absl::ConsumePrefix(&uri, "http:")) {
    return std::nullopt;
  }
  for (const auto& [rest, draft] : kMetaschemas) {
    if (uri == rest) return draft;
  }
  return std::nullopt;
}

std::optional<Draft> DraftOf(absl::string_view schema_uri) {
  return MetaschemaOf(absl::StripSuffix(schema_uri, "#"));
}

}  // namespace nexus::schema
