#include "app/stamp_check.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::app {
namespace {

absl::Status Unstamped(const RecordedEvent& event, absl::string_view what) {
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("the event at position ", event.position.value, " ", what));
}

}  // namespace

std::function<absl::Status(const RecordedEvent&)> StampCheck(const schema::SchemaCatalog& schemas) {
  return [&schemas](const RecordedEvent& event) {
    if (event.decision_id.empty() || event.policy_revision.empty()) {
      return Unstamped(event, "has no decision in its stamp");
    }
    // Without a schema: the decision admitted it so, in a category that needs none.
    if (event.schema_version == 0) return absl::OkStatus();
    if (schemas.FindStored(event.type, event.schema_version) == nullptr) {
      return Unstamped(event, absl::StrCat("names version ", event.schema_version, " of schema ",
                                           event.type, ", which never was"));
    }
    return absl::OkStatus();
  };
}

}  // namespace nexus::app
