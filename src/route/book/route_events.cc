#include "route/book/route_events.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/name_table.h"
#include "nexus/core/status_macros.h"

namespace nexus::route {
namespace {

using Members = absl::flat_hash_map<std::string, JsonMember>;

constexpr std::pair<RouteChange, absl::string_view> kChangeTypes[] = {
    {RouteChange::kDeclared, kRouteDeclaredType},
    {RouteChange::kRemoved, kRouteRemovedType},
    {RouteChange::kPaused, kRoutePausedType},
    {RouteChange::kResumed, kRouteResumedType},
    {RouteChange::kReplayStarted, kReplayStartedType},
    {RouteChange::kReplayEnded, kReplayEndedType},
    {RouteChange::kClassified, kClassificationDeclaredType}};

absl::Status Damaged(absl::string_view type, absl::string_view why) {
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat("a stored event ", type, " cannot be read: ", why));
}

absl::string_view View(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

uint64_t NumberIn(const Members& members, absl::string_view name) {
  const auto found = members.find(name);
  uint64_t value = 0;
  if (found != members.end() && !absl::SimpleAtoi(found->second.text, &value)) value = 0;
  return value;
}

std::string TextIn(const Members& members, absl::string_view name) {
  const auto found = members.find(name);
  return found == members.end() ? "" : found->second.text;
}

absl::Status ReadContent(const Members& members, JsonReader& json, RouteEvent& event) {
  if (event.change == RouteChange::kDeclared) {
    NEXUS_ASSIGN_OR_RETURN(event.route, ParseRoute(TextIn(members, "route"), json));
    event.name = event.route->name;
    event.restart = TextIn(members, "restart") == "true";
  } else if (event.change == RouteChange::kClassified) {
    NEXUS_ASSIGN_OR_RETURN(event.rules,
                           ParseClassification(TextIn(members, "classification"), json));
  } else {
    event.name = TextIn(members, "name");
    event.from = Position(NumberIn(members, "from"));
    event.to = Position(NumberIn(members, "to"));
    event.replay = NumberIn(members, "replay");
    event.outcome = TextIn(members, "outcome");
    if (event.name.empty()) return absl::InvalidArgumentError("it names no route");
  }
  event.comment = TextIn(members, "comment");
  return absl::OkStatus();
}

}  // namespace

absl::string_view TypeOf(RouteChange change) { return NameIn(kChangeTypes, change); }

std::string EncodeRouteEvent(const RouteEvent& event) {
  std::string out = "{";
  switch (event.change) {
    case RouteChange::kDeclared:
      absl::StrAppend(&out, "\"route\":", RouteText(*event.route), ",\"revision\":\"",
                      RouteRevision(*event.route),
                      "\",\"restart\":", event.restart ? "true" : "false");
      break;
    case RouteChange::kClassified:
      absl::StrAppend(&out, "\"classification\":", ClassificationText(*event.rules));
      break;
    case RouteChange::kReplayStarted:
      absl::StrAppend(&out, "\"name\":", JsonString(event.name), ",\"from\":", event.from.value,
                      ",\"to\":", event.to.value);
      break;
    case RouteChange::kReplayEnded:
      absl::StrAppend(&out, "\"name\":", JsonString(event.name), ",\"replay\":", event.replay,
                      ",\"outcome\":", JsonString(event.outcome));
      break;
    case RouteChange::kRemoved:
    case RouteChange::kPaused:
    case RouteChange::kResumed:
      absl::StrAppend(&out, "\"name\":", JsonString(event.name));
      break;
  }
  absl::StrAppend(&out, ",\"comment\":", JsonString(event.comment), "}");
  return out;
}

absl::StatusOr<RouteEvent> DecodeRouteEvent(absl::string_view type, absl::string_view data,
                                            JsonReader& json) {
  RouteEvent event;
  if (!ParseNameIn(kChangeTypes, type, event.change)) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat(kRoutesStream, " has an event of the unknown type ", type));
  }
  const auto members = json.ReadObject(data);
  if (!members.ok()) return Damaged(type, View(members.status()));
  const absl::Status read = ReadContent(*members, json, event);
  if (!read.ok()) return Damaged(type, View(read));
  return event;
}

}  // namespace nexus::route
