#include "cli/script_case.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "declaration/strict_object.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

using declaration::StrictObject;

constexpr size_t kItemsMax = 1'000;
constexpr uint64_t kVersionMax = 1'000'000;
constexpr char kSomeCommand[] = "018f0000-0000-7000-8000-000000000001";

// The objects of a list, each with its place.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ItemsOf(const std::string& array,
                                                                         const std::string& pointer,
                                                                         JsonReader& json) {
  const absl::StatusOr<std::vector<JsonMember>> items = json.ReadArray(array);
  if (!items.ok()) return declaration::DeclarationFault(pointer, "a list is needed here");
  std::vector<std::pair<std::string, std::string>> out;
  for (size_t i = 0; i < items->size(); ++i) {
    out.emplace_back((*items)[i].is_string ? "" : (*items)[i].text, absl::StrCat(pointer, "/", i));
  }
  return out;
}

void ReadTime(StrictObject& object, absl::string_view name, std::optional<Timestamp>& out) {
  std::string text;
  object.Text(name, text);
  if (text.empty()) return;
  absl::Time time;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &why)) {
    object.Fail(name, absl::StrCat("'", text, "' is no time of RFC 3339"));
    return;
  }
  out = Timestamp{absl::ToUnixMicros(time)};
}

absl::StatusOr<CaseEvent> ReadEvent(const std::string& text, const std::string& pointer,
                                    JsonReader& json) {
  CaseEvent event;
  event.pointer = pointer;
  StrictObject object(json, text, pointer);
  object.Require("data");
  object.Text("type", event.type);
  object.Json("data", event.data);
  uint64_t version = 0;
  object.Number("version", version, 1, kVersionMax);
  event.version = static_cast<uint32_t>(version);
  object.TextMap("metadata", event.metadata, kItemsMax);
  ReadTime(object, "recorded", event.recorded);
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return event;
}

absl::StatusOr<std::vector<CaseEvent>> ReadEvents(const std::string& array,
                                                  const std::string& pointer, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(const auto items, ItemsOf(array, pointer, json));
  std::vector<CaseEvent> events;
  for (const auto& [text, place] : items) {
    NEXUS_ASSIGN_OR_RETURN(CaseEvent event, ReadEvent(text, place, json));
    events.push_back(std::move(event));
  }
  return events;
}

absl::StatusOr<CaseCommand> ReadCommand(const std::string& text, const std::string& pointer,
                                        JsonReader& json) {
  CaseCommand command;
  StrictObject object(json, text, pointer);
  for (const char* name : {"type", "data"}) object.Require(name);
  object.Text("type", command.type);
  object.Json("data", command.data);
  std::string id = kSomeCommand;
  object.Text("id", id);
  const absl::StatusOr<CommitId> parsed = CommitId::Parse(id);
  if (parsed.ok()) command.id = *parsed;
  if (!parsed.ok()) object.Fail("id", absl::StrCat("'", id, "' is no UUID"));
  ReadTime(object, "now", command.now);
  object.TextMap("metadata", command.metadata, kItemsMax);
  object.Text("principal", command.principal);
  object.Texts("roles", command.roles, kItemsMax);
  command.correlation_id = command.id.ToString();
  object.Text("correlation_id", command.correlation_id);
  object.Text("causation_id", command.causation_id);
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return command;
}

void ReadRejection(StrictObject& object, JsonReader& json, CaseOutcome& outcome) {
  if (!object.Has("rejected")) return;
  if (object.HasText("rejected")) {
    outcome.rejection.emplace();
    object.Text("rejected", *outcome.rejection);
    return;
  }
  std::string text;
  object.Json("rejected", text);
  StrictObject inner(json, text, object.PointerOf("rejected"));
  inner.Require("reason");
  outcome.rejection.emplace();
  inner.Text("reason", *outcome.rejection);
  inner.Json("details", outcome.details);
  object.Take(inner.Finish());
}

absl::StatusOr<CaseOutcome> ReadOutcome(const std::string& text, const std::string& pointer,
                                        bool is_upcaster, JsonReader& json) {
  CaseOutcome outcome;
  StrictObject object(json, text, pointer);
  object.Text("error", outcome.error);
  std::string events;
  if (is_upcaster) {
    object.Json("event", events);
    if (!events.empty()) {
      NEXUS_ASSIGN_OR_RETURN(CaseEvent event, ReadEvent(events, pointer + "/event", json));
      outcome.events = {std::move(event)};
    }
  } else {
    object.Json("events", events);
    if (!events.empty()) {
      NEXUS_ASSIGN_OR_RETURN(outcome.events, ReadEvents(events, pointer + "/events", json));
    }
    ReadRejection(object, json, outcome);
    object.Json("state", outcome.state);
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  const int said = (outcome.events.has_value() ? 1 : 0) + (outcome.rejection.has_value() ? 1 : 0) +
                   (outcome.error.empty() ? 0 : 1);
  if (said > 1 || (said == 0 && outcome.state.empty())) {
    return declaration::DeclarationFault(
        pointer, is_upcaster ? "either event or error must follow"
                             : "one of events, rejected and error must follow, or a state");
  }
  return outcome;
}

absl::StatusOr<ScriptCase> ReadCase(const std::string& text, const std::string& pointer,
                                    bool is_upcaster, JsonReader& json) {
  ScriptCase read;
  read.pointer = pointer;
  StrictObject object(json, text, pointer);
  for (const char* name : {"name", "then"}) object.Require(name);
  object.Text("name", read.name);
  std::string given, when, then;
  object.Json("given", given);
  object.Json("then", then);
  if (is_upcaster) {
    object.Require("given");
  } else {
    object.Json("when", when);
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  if (is_upcaster) {
    NEXUS_ASSIGN_OR_RETURN(CaseEvent event, ReadEvent(given, pointer + "/given", json));
    read.given.push_back(std::move(event));
  } else if (!given.empty()) {
    NEXUS_ASSIGN_OR_RETURN(read.given, ReadEvents(given, pointer + "/given", json));
  }
  for (const CaseEvent& event : read.given) {
    if (!is_upcaster && event.type.empty()) {
      return declaration::DeclarationFault(event.pointer, "type is needed");
    }
  }
  if (!when.empty()) {
    NEXUS_ASSIGN_OR_RETURN(read.when, ReadCommand(when, pointer + "/when", json));
  }
  NEXUS_ASSIGN_OR_RETURN(read.then, ReadOutcome(then, pointer + "/then", is_upcaster, json));
  if (!is_upcaster && !read.when.has_value() && read.then.state.empty() &&
      read.then.error.empty()) {
    return declaration::DeclarationFault(pointer,
                                         "without a command in when only a state can follow");
  }
  return read;
}

}  // namespace

absl::StatusOr<ScriptCases> ReadCases(const YamlDocument& document, JsonReader& json) {
  ScriptCases read;
  StrictObject object(json, document.json, "");
  object.Require("cases");
  object.Text("aggregate", read.aggregate);
  object.Text("upcaster", read.upcaster);
  if (object.status().ok() && read.aggregate.empty() == read.upcaster.empty()) {
    object.Fail("", "either aggregate or upcaster names whose cases these are");
  }
  std::string cases;
  object.Json("cases", cases);
  NEXUS_RETURN_IF_ERROR(object.Finish());
  NEXUS_ASSIGN_OR_RETURN(const auto items, ItemsOf(cases, "/cases", json));
  if (items.empty()) return declaration::DeclarationFault("/cases", "there is no case");
  for (const auto& [text, place] : items) {
    NEXUS_ASSIGN_OR_RETURN(ScriptCase one, ReadCase(text, place, !read.upcaster.empty(), json));
    const bool is_known = std::any_of(read.cases.begin(), read.cases.end(),
                                      [&](const auto& other) { return other.name == one.name; });
    if (is_known || one.name.empty()) {
      return declaration::DeclarationFault(
          place + "/name",
          one.name.empty() ? "it is empty" : absl::StrCat("'", one.name, "' is there twice"));
    }
    read.cases.push_back(std::move(one));
  }
  return read;
}

}  // namespace nexus::cli
