#include "schema/schema_evolution.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_request.h"

namespace nexus::schema {
namespace {

// The versions from `stored` to `wanted`, both included, in the order of the way.
std::vector<SchemaRecordPtr> WayBetween(const SchemaCatalog& catalog, absl::string_view type,
                                        uint32_t stored, uint32_t wanted) {
  std::vector<SchemaRecordPtr> way;
  for (uint32_t version = std::min(stored, wanted); version <= std::max(stored, wanted);
       ++version) {
    // An import may leave numbers out.
    SchemaRecordPtr record = catalog.FindStored(type, version);
    if (record != nullptr) way.push_back(std::move(record));
  }
  if (stored > wanted) std::reverse(way.begin(), way.end());
  return way;
}

}  // namespace

SchemaEvolution::SchemaEvolution(const SchemaEvolutionParts& parts)
    : parts_(parts),
      evolved_(parts.metrics.GetCounter("nexus_schema_evolutions_total",
                                        "Events that were given in another version than stored.",
                                        {})),
      gaps_(parts.metrics.GetCounter(
          "nexus_schema_evolution_gaps_total",
          "Events that could not be given in the asked version and were given as stored.", {})) {}

uint32_t SchemaEvolution::WantedVersion(const SchemaView& view, const RecordedEvent& event) const {
  if (const auto at = view.versions.find(event.type); at != view.versions.end()) return at->second;
  if (event.schema_version == 0) return 0;  // there is nothing to go from
  if (!view.latest) return view.version;
  const SchemaRecordPtr latest = parts_.catalog.Find(event.type, 0);
  return latest == nullptr ? 0 : latest->version;
}

void SchemaEvolution::Apply(const SchemaView& view, EventBatch& batch) const {
  std::shared_ptr<std::deque<std::string>> made;  // shared with the batch, which outlives this
  const auto keep = [&](std::string text) -> absl::string_view {
    if (made == nullptr)
      batch.backing.push_back(made = std::make_shared<std::deque<std::string>>());
    return made->emplace_back(std::move(text));
  };
  for (RecordedEvent& event : batch.events) {
    const uint32_t wanted = WantedVersion(view, event);
    if (wanted == 0 || wanted == event.schema_version) continue;
    absl::StatusOr<std::string> data = Evolve(event, wanted);
    if (data.ok()) {
      evolved_.Add(1);
      event.data_version = wanted;
      if (*data != event.data) event.data = keep(*std::move(data));
      continue;
    }
    gaps_.Add(1);
    event.gap_version = wanted;
    event.gap_reason = keep(std::string(data.status().message()));
  }
}

absl::StatusOr<std::string> SchemaEvolution::Evolve(const RecordedEvent& event,
                                                    uint32_t wanted) const {
  const SchemaRecordPtr target = parts_.catalog.FindStored(event.type, wanted);
  if (event.schema_version == 0) {
    return MakeError(ErrorReason::kNotFound, "the event was stored without a schema");
  }
  if (target == nullptr) return NoSuchVersion(event.type, wanted);
  const std::vector<SchemaRecordPtr> way =
      WayBetween(parts_.catalog, event.type, event.schema_version, wanted);
  std::string data(event.data);
  for (size_t i = 1; i < way.size(); ++i) {
    NEXUS_ASSIGN_OR_RETURN(data, Step(event.type, *way[i - 1], *way[i], data));
  }
  NEXUS_ASSIGN_OR_RETURN(const std::vector<Violation> violations,
                         target->compiled->Validate(data, 1));
  if (violations.empty()) return data;
  return MakeError(ErrorReason::kSchemaViolation,
                   absl::StrCat("the data do not fit version ", wanted, ": at \"",
                                violations[0].pointer, "\": ", violations[0].message));
}

absl::StatusOr<std::string> SchemaEvolution::Step(absl::string_view type, const SchemaRecord& from,
                                                  const SchemaRecord& to,
                                                  absl::string_view data) const {
  if (parts_.upcaster != nullptr) {
    NEXUS_ASSIGN_OR_RETURN(std::optional<std::string> declared,
                           parts_.upcaster->Upcast(type, from.version, to.version, data));
    if (declared.has_value()) return *std::move(declared);
  }
  if (from.format != to.format) {
    return MakeError(
        ErrorReason::kSchemaViolation,
        absl::StrCat("versions ", from.version, " and ", to.version, " have different formats"));
  }
  NEXUS_ASSIGN_OR_RETURN(const SchemaLanguage language, parts_.languages.Find(from.format));
  if (language.evolver == nullptr) {
    return MakeError(ErrorReason::kUnimplemented,
                     absl::StrCat("no step is derived for ", SchemaFormatName(from.format)));
  }
  NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* old_schema, from.compiled->Get());
  NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* new_schema, to.compiled->Get());
  return language.evolver->Evolve(data, *old_schema, *new_schema);
}

}  // namespace nexus::schema
