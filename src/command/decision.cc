#include "command/decision.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "command/raw_array.h"
#include "declaration/strict_object.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::command {
namespace {

constexpr size_t kItemsMax = 1'000;  // of tags and metadata; the engine's own limits come after
constexpr size_t kDetailsBytesMax = 4'000;
constexpr std::pair<Criticality, absl::string_view> kCriticalities[] = {
    {Criticality::kLow, "low"}, {Criticality::kMedium, "medium"}, {Criticality::kHigh, "high"}};

absl::Status Failed(absl::string_view message) {
  return MakeError(ErrorReason::kDomainCodeFailed, message);
}

absl::StatusOr<std::string> TextOf(absl::string_view raw, JsonReader& json) {
  if (raw.size() < 2 || raw.front() != '"') return Failed("a decision is not what it should be");
  const absl::string_view inner = raw.substr(1, raw.size() - 2);
  if (inner.find('\\') == absl::string_view::npos) return std::string(inner);
  NEXUS_ASSIGN_OR_RETURN(std::vector<JsonMember> items,
                         json.ReadArray(absl::StrCat("[", raw, "]")));
  return std::move(items.front().text);
}

absl::Status ReadRouting(const std::string& text, JsonReader& json, RoutingHints& routing) {
  declaration::StrictObject object(json, text, "/routing");
  object.OneOf("criticality", kCriticalities, routing.criticality);
  object.Share("businessImpact", routing.business_impact);
  object.Flag("requiresOrdering", routing.requires_ordering);
  uint64_t latency = 0;
  object.Number("maxLatencyMs", latency, 0, UINT32_MAX);
  routing.max_latency_ms = static_cast<uint32_t>(latency);
  return object.Finish();
}

absl::Status ReadExtra(absl::string_view raw, JsonReader& json, DecidedEvent& event) {
  if (raw == "null") return absl::OkStatus();
  declaration::StrictObject object(json, raw, "");
  object.TextMap("metadata", event.metadata, kItemsMax);
  object.Texts("tags", event.tags, kItemsMax);
  std::string routing;
  object.Json("routing", routing);
  if (!routing.empty()) object.Take(ReadRouting(routing, json, event.routing));
  return object.Finish();
}

}  // namespace

absl::StatusOr<Decision> ReadDecision(absl::string_view text,
                                      const domain::AggregateDeclaration& aggregate,
                                      JsonReader& json) {
  const std::vector<absl::string_view> items = RawItems(text);
  Decision decision;
  if (items.size() == 3 && items[0] == "\"reject\"") {
    NEXUS_ASSIGN_OR_RETURN(std::string reason, TextOf(items[1], json));
    decision.rejection = Rejection{std::move(reason), std::string(items[2])};
    return decision;
  }
  if (items.empty() || items[0] != "\"events\"" || items.size() % 3 != 1) {
    return Failed("a decision is not what it should be");
  }
  decision.events.reserve(items.size() / 3);
  for (size_t i = 1; i < items.size(); i += 3) {
    DecidedEvent& event = decision.events.emplace_back();
    NEXUS_ASSIGN_OR_RETURN(event.type, TextOf(items[i], json));
    event.data = std::string(items[i + 1]);
    const size_t number = i / 3;
    if (std::find(aggregate.events.begin(), aggregate.events.end(), event.type) ==
        aggregate.events.end()) {
      return Failed(absl::StrCat("event ", number, " of the decision is of the type ", event.type,
                                 ", which the aggregate ", aggregate.name,
                                 " does not declare; it declares ",
                                 absl::StrJoin(aggregate.events, ", ")));
    }
    if (absl::Status extra = ReadExtra(items[i + 2], json, event); !extra.ok()) {
      return Failed(absl::StrCat("event ", number, " of the decision: ", extra.message()));
    }
  }
  return decision;
}

absl::Status RejectionStatus(const Rejection& rejection) {
  ErrorDetails details;
  details.reason = ErrorReason::kCommandRejected;
  details.metadata.emplace_back("rejection", rejection.reason);
  if (rejection.details != "null" && rejection.details.size() <= kDetailsBytesMax) {
    details.metadata.emplace_back("details", rejection.details);
  }
  return MakeError(absl::StrCat("the command is rejected: ", rejection.reason), details);
}

}  // namespace nexus::command
