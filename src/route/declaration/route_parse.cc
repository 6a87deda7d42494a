#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/route_declaration.h"
#include "route/declaration/route_names.h"

namespace nexus::route {
namespace {

constexpr size_t kItemsMax = 256;
constexpr absl::string_view kMetadataPrefix = "metadata:";
// Dead letters that are routed make dead letters.
constexpr absl::string_view kDeadLetterCategory = "$dead-letters";

bool IsRouteName(absl::string_view name) {
  if (name.empty() || name.size() > kRouteNameBytesMax) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_islower(static_cast<unsigned char>(c)) ||
           absl::ascii_isdigit(static_cast<unsigned char>(c)) || c == '-';
  });
}

void ReadPatterns(declaration::StrictObject& object, absl::string_view name,
                  std::vector<std::string>& out) {
  object.Texts(name, out, kItemsMax);
  for (size_t i = 0; i < out.size(); ++i) {
    const size_t star = out[i].find('*');
    if (star != std::string::npos && star + 1 != out[i].size()) {
      object.Fail(absl::StrCat(name, "/", i), "'*' may only stand at the end");
    }
  }
}

absl::Status ParseMatch(const std::string& text, JsonReader& json, RouteMatch& match) {
  declaration::StrictObject object(json, text, "/match");
  ReadPatterns(object, "categories", match.categories);
  ReadPatterns(object, "types", match.types);
  object.Texts("tags", match.tags, kItemsMax);
  object.TextMap("metadata", match.metadata, kItemsMax);
  object.OneOf("criticality", kPathNames, match.path);
  for (size_t i = 0; i < match.categories.size(); ++i) {
    const absl::string_view prefix = absl::StripSuffix(match.categories[i], "*");
    const bool covers = prefix.size() < match.categories[i].size()
                            ? absl::StartsWith(kDeadLetterCategory, prefix) && !prefix.empty()
                            : prefix == kDeadLetterCategory || prefix == "$dead";
    if (!covers) continue;
    object.Fail(absl::StrCat("categories/", i),
                "it covers $dead-letters: a dead letter that is routed may become a dead letter");
  }
  return object.Finish();
}

absl::Status ParseSink(const std::string& text, JsonReader& json, SinkDeclaration& sink) {
  declaration::StrictObject object(json, text, "/sink");
  object.Require("kind");
  object.Text("kind", sink.kind, kRouteNameBytesMax);
  object.Json("settings", sink.settings);
  if (object.status().ok() && !absl::StartsWith(sink.settings, "{")) {
    object.Fail("settings", "an object is needed here");
  }
  return object.Finish();
}

absl::Status ParseTime(const std::string& text, absl::string_view pointer, Timestamp& time) {
  absl::Time parsed;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, text, &parsed, &why)) {
    return declaration::DeclarationFault(
        pointer, absl::StrCat("'", text, "' is no time such as ", "2026-01-31T12:00:00Z: ", why));
  }
  time.micros = absl::ToUnixMicros(parsed);
  return absl::OkStatus();
}

absl::Status ParseStart(const std::string& text, JsonReader& json, StartAt& start) {
  declaration::StrictObject object(json, text, "/start");
  std::string time;
  object.Number("position", start.position.value, 1, INT64_MAX);
  object.Text("time", time);
  if (object.Has("position") == object.Has("time")) {
    object.Fail("position", "either a position or a time is needed here");
  }
  start.from = object.Has("time") ? StartAt::From::kTime : StartAt::From::kPosition;
  if (object.Has("time")) object.Take(ParseTime(time, "/start/time", start.time));
  return object.Finish();
}

void ReadStart(declaration::StrictObject& route, JsonReader& json, StartAt& start) {
  static constexpr std::pair<StartAt::From, absl::string_view> kWords[] = {
      {StartAt::From::kBeginning, "beginning"}, {StartAt::From::kNow, "now"}};
  if (!route.Has("start") || route.HasText("start")) {
    return route.OneOf("start", kWords, start.from);
  }
  std::string text;
  route.Json("start", text);
  route.Take(ParseStart(text, json, start));
}

void ReadKey(declaration::StrictObject& route, KeySource& key) {
  std::string text = "stream";
  route.Text("key", text);
  if (absl::StartsWith(text, kMetadataPrefix)) {
    key.from = KeySource::From::kMetadata;
    key.name = text.substr(kMetadataPrefix.size());
    if (key.name.empty()) route.Fail("key", "the name of the metadata is missing");
  } else if (text == "correlation") {
    key.from = KeySource::From::kCorrelation;
  } else if (text != "stream") {
    route.Fail("key", absl::StrCat("'", text, "' is not known; known are: stream, correlation, ",
                                   "metadata: and a name"));
  }
}

absl::Status ParseRules(const std::string& text, JsonReader& json, ErrorRules& rules) {
  declaration::StrictObject object(json, text, "/on_error");
  for (const auto& [error, name] : kErrorNames) object.OneOf(name, kActionNames, rules[error]);
  if (rules[ErrorClass::kUnstamped] == ErrorAction::kRetry) {
    object.Fail("unstamped", "what was not governed once will not be later: person or skip");
  }
  if (rules[ErrorClass::kTransform] == ErrorAction::kRetry) {
    object.Fail("transform", "what cannot be transformed once cannot be later: person or skip");
  }
  return object.Finish();
}

absl::Status ParseRetry(const std::string& text, JsonReader& json, RetrySettings& retry) {
  declaration::StrictObject object(json, text, "/retry");
  object.Number("attempts", retry.attempts, 1, 1'000);
  object.Number("base_ms", retry.base_ms, 1, 3'600'000);
  object.Number("max_ms", retry.max_ms, 1, 86'400'000);
  if (retry.max_ms < retry.base_ms) object.Fail("max_ms", "it is less than base_ms");
  return object.Finish();
}

absl::Status ParseBounds(const std::string& text, JsonReader& json, RouteBounds& bounds) {
  declaration::StrictObject object(json, text, "/bounds");
  object.Number("pending_events", bounds.pending_events, 1, 1'000'000);
  object.Number("pending_bytes", bounds.pending_bytes, 1, 1ULL << 32);
  object.Number("in_flight_per_stream", bounds.in_flight_per_stream, 1, 100'000);
  return object.Finish();
}

// A part that is an object; nothing is read if it is not there.
template <typename Part>
void ReadPart(declaration::StrictObject& route, absl::string_view name, JsonReader& json,
              Part& part, absl::Status (*parse)(const std::string&, JsonReader&, Part&)) {
  if (!route.Has(name)) return;
  std::string text;
  route.Json(name, text);
  if (route.status().ok()) route.Take(parse(text, json, part));
}

// What a consumer reads by a schema has to be of one.
void CheckFormat(declaration::StrictObject& object, const RouteDeclaration& route) {
  const bool framed =
      route.format == EventFormat::kConfluent || route.format == EventFormat::kConfluentHeader;
  if (!framed || !route.transform->schema_type.empty()) return;
  object.Fail("format", "transformed data has no schema: name one as transform.schema");
}

}  // namespace

absl::StatusOr<RouteDeclaration> ParseRoute(absl::string_view text, JsonReader& json) {
  if (text.size() > kDeclarationBytesMax) {
    return declaration::DeclarationFault(
        "", absl::StrCat("it has ", text.size(), " bytes; at most ", kDeclarationBytesMax));
  }
  declaration::StrictObject object(json, text, "");
  RouteDeclaration route;
  object.Require("name");
  object.Text("name", route.name);
  if (object.status().ok() && !IsRouteName(route.name)) {
    object.Fail("name", "1 to 64 of the characters a-z, 0-9 and '-' are needed here");
  }
  object.Text("comment", route.comment);
  ReadPart(object, "match", json, route.match, ParseMatch);
  object.Require("sink");
  ReadPart(object, "sink", json, route.sink, ParseSink);
  object.OneOf("format", kFormatNames, route.format);
  ReadKey(object, route.key);
  ReadStart(object, json, route.start);
  object.OneOf("dead_letters", kPolicyNames, route.dead_letters);
  ReadPart(object, "on_error", json, route.on_error, ParseRules);
  ReadPart(object, "retry", json, route.retry, ParseRetry);
  ReadPart(object, "bounds", json, route.bounds, ParseBounds);
  if (object.Has("transform")) {
    ReadPart(object, "transform", json, route.transform.emplace(), ParseTransform);
    CheckFormat(object, route);
  }
  if (object.Has("paused")) {
    bool paused = false;
    object.Flag("paused", paused);
    route.paused = paused;
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return route;
}

}  // namespace nexus::route
