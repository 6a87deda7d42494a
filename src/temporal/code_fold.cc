#include "temporal/code_fold.h"

#include "absl/strings/str_cat.h"
#include "command/event_view.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::temporal {

absl::Status CodeFold::Begin() {
  NEXUS_ASSIGN_OR_RETURN(state_, code_.Begin());
  return absl::OkStatus();
}

absl::Status CodeFold::Restore(absl::string_view state) {
  NEXUS_ASSIGN_OR_RETURN(state_, code_.Restore(state));
  return absl::OkStatus();
}

absl::Status CodeFold::Fold(absl::Span<const RecordedEvent> events) {
  NEXUS_ASSIGN_OR_RETURN(const std::string views, command::EventViews(events));
  NEXUS_ASSIGN_OR_RETURN(state_, code_.Fold(*state_, views, events.size()));
  return absl::OkStatus();
}

FoldFacts CodeFold::Facts() const {
  FoldFacts facts;
  facts.aggregate = code_.record().declaration.name;
  facts.code_digest = digest_;
  return facts;
}

}  // namespace nexus::temporal
