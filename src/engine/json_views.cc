#include "engine/json_views.h"

#include <utility>

#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::engine {

void JsonViews::AddNone() {
  if (wanted_) views_.emplace_back();
}

absl::Status JsonViews::Add(const CompiledSchema& schema, SchemaFormat format,
                            absl::string_view data) {
  if (!wanted_) return absl::OkStatus();
  if (format == SchemaFormat::kJsonSchema) {
    views_.push_back(data);
    return absl::OkStatus();
  }
  NEXUS_ASSIGN_OR_RETURN(std::string json, schema.ToJson(data));
  if (json.size() > bytes_left_) {
    return MakeError(ErrorReason::kLimitExceeded,
                     "the data of the commit is too large as JSON, which its policies have to see");
  }
  bytes_left_ -= json.size();
  views_.push_back(rendered_.emplace_back(std::move(json)));
  return absl::OkStatus();
}

}  // namespace nexus::engine
