#include "domain/aggregate_declaration.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

constexpr size_t kTypesMax = 256;
constexpr uint64_t kSnapshotEventsMax = 1'000'000;
constexpr uint64_t kStateBytesMax = 64 << 20;
constexpr std::pair<SnapshotMode, absl::string_view> kModes[] = {
    {SnapshotMode::kFixed, "fixed"},
    {SnapshotMode::kAdaptive, "adaptive"},
    {SnapshotMode::kNone, "none"}};

absl::Status ParseSnapshots(const std::string& text, JsonReader& json, SnapshotDeclaration& out) {
  declaration::StrictObject object(json, text, "/spec/snapshots");
  object.OneOf("mode", kModes, out.mode);
  object.Number("events", out.events, 1, kSnapshotEventsMax);
  object.Number("state_bytes", out.state_bytes, 1'000, kStateBytesMax);
  object.Number("keep", out.keep, 1, 100);
  return object.Finish();
}

void ReadTypes(declaration::StrictObject& object, absl::string_view name,
               std::vector<std::string>& out) {
  object.Require(name);
  object.Texts(name, out, kTypesMax);
  if (object.status().ok() && out.empty()) object.Fail(name, "one at least is needed");
  absl::flat_hash_set<absl::string_view> seen;
  for (size_t i = 0; i < out.size(); ++i) {
    const std::string place = absl::StrCat(name, "/", i);
    if (out[i].empty() || out[i][0] == '$') object.Fail(place, "a type of your own is needed");
    if (!seen.insert(out[i]).second) object.Fail(place, absl::StrCat(out[i], " is there twice"));
  }
}

}  // namespace

absl::StatusOr<AggregateDeclaration> ParseAggregate(const DeclarationHeader& header,
                                                    JsonReader& json) {
  if (!IsPlainName(header.name)) {
    return declaration::DeclarationFault(
        "/metadata/name", absl::StrCat("'", header.name, "' is not of a-z, 0-9 and '-'"));
  }
  AggregateDeclaration aggregate;
  aggregate.name = aggregate.category = header.name;
  declaration::StrictObject object(json, header.spec, "/spec");
  object.Text("category", aggregate.category, 100);
  object.Text("script", aggregate.script);
  object.Require("id");
  object.Text("id", aggregate.id_pointer);
  if (object.status().ok() && !absl::StartsWith(aggregate.id_pointer, "/")) {
    object.Fail("id", "a JSON pointer into the command is needed, such as /id");
  }
  if (!IsPlainCategory(aggregate.category)) {
    object.Fail(object.Has("category") ? "category" : "",
                absl::StrCat("'", aggregate.category,
                             "' is no category: it ends before the first '-' and has no '$'"));
  }
  ReadTypes(object, "commands", aggregate.commands);
  ReadTypes(object, "events", aggregate.events);
  std::string snapshots;
  object.Json("snapshots", snapshots);
  if (!snapshots.empty()) object.Take(ParseSnapshots(snapshots, json, aggregate.snapshots));
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return aggregate;
}

}  // namespace nexus::domain
