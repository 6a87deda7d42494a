#include "absl/strings/str_cat.h"
#include "digest/sha256.h"
#include "nexus/core/json_text.h"
#include "nexus/core/name_table.h"
#include "nexus/core/time_text.h"
#include "route/declaration/route_declaration.h"
#include "route/declaration/route_names.h"

namespace nexus::route {
namespace {

std::string ListJson(const std::vector<std::string>& items) {
  std::string out = "[";
  for (const std::string& item : items) {
    absl::StrAppend(&out, out.size() > 1 ? "," : "", JsonString(item));
  }
  return out + "]";
}

std::string MatchJson(const RouteMatch& match) {
  std::string metadata = "{";
  for (const auto& [key, value] : match.metadata) {
    absl::StrAppend(&metadata, metadata.size() > 1 ? "," : "", JsonString(key), ":",
                    JsonString(value));
  }
  return absl::StrCat("{\"categories\":", ListJson(match.categories),
                      ",\"types\":", ListJson(match.types), ",\"tags\":", ListJson(match.tags),
                      ",\"metadata\":", metadata, "},\"criticality\":\"",
                      NameIn(kPathNames, match.path), "\"}");
}

std::string KeyText(const KeySource& key) {
  if (key.from == KeySource::From::kMetadata) return absl::StrCat("metadata:", key.name);
  return key.from == KeySource::From::kCorrelation ? "correlation" : "stream";
}

std::string StartJson(const StartAt& start) {
  switch (start.from) {
    case StartAt::From::kBeginning:
      return "\"beginning\"";
    case StartAt::From::kNow:
      return "\"now\"";
    case StartAt::From::kPosition:
      return absl::StrCat("{\"position\":", start.position.value, "}");
    case StartAt::From::kTime:
      break;
  }
  return absl::StrCat("{\"time\":\"", TimeText(start.time), "\"}");
}

std::string RulesJson(const ErrorRules& rules) {
  std::string out = "{";
  for (const auto& [error, name] : kErrorNames) {
    absl::StrAppend(&out, out.size() > 1 ? ",\"" : "\"", name, "\":\"",
                    NameIn(kActionNames, rules[error]), "\"");
  }
  return out + "}";
}

}  // namespace

absl::string_view ErrorClassName(ErrorClass error) { return NameIn(kErrorNames, error); }

std::optional<ErrorClass> ParseErrorClass(absl::string_view name) {
  ErrorClass error = ErrorClass::kOther;
  if (!ParseNameIn(kErrorNames, name, error)) return std::nullopt;
  return error;
}

std::string RouteText(const RouteDeclaration& route) {
  std::string out =
      absl::StrCat("{\"name\":", JsonString(route.name), ",\"comment\":", JsonString(route.comment),
                   ",\"match\":", MatchJson(route.match));
  absl::StrAppend(&out, ",\"sink\":{\"kind\":", JsonString(route.sink.kind),
                  ",\"settings\":", route.sink.settings, "}");
  absl::StrAppend(&out, ",\"format\":\"", NameIn(kFormatNames, route.format),
                  "\",\"key\":", JsonString(KeyText(route.key)),
                  ",\"start\":", StartJson(route.start), ",\"dead_letters\":\"",
                  NameIn(kPolicyNames, route.dead_letters), "\"");
  absl::StrAppend(&out, ",\"on_error\":", RulesJson(route.on_error),
                  ",\"retry\":{\"attempts\":", route.retry.attempts,
                  ",\"base_ms\":", route.retry.base_ms, ",\"max_ms\":", route.retry.max_ms, "}");
  absl::StrAppend(&out, ",\"bounds\":{\"pending_events\":", route.bounds.pending_events,
                  ",\"pending_bytes\":", route.bounds.pending_bytes,
                  ",\"in_flight_per_stream\":", route.bounds.in_flight_per_stream, "}");
  if (route.transform) {
    absl::StrAppend(&out, ",\"transform\":", TransformText(*route.transform));
  }
  if (route.paused) absl::StrAppend(&out, ",\"paused\":", *route.paused ? "true" : "false");
  return out + "}";
}

std::string RouteRevision(const RouteDeclaration& route) {
  RouteDeclaration stateless = route;
  stateless.paused.reset();
  return Sha256Hex(RouteText(stateless));
}

}  // namespace nexus::route
