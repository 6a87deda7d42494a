#pragma once

// Stored events in the version that a reader asks for.
//
// Data go from version to version, along all that the subject has between the stored one and the
// asked one, in either direction; deleted versions are steps too. Each step is a declared one
// (Upcaster) or is derived from the two schemas (SchemaEvolver). What comes out must be valid under
// the asked version; if it is not, or a step cannot be made, the event is given as it was stored,
// with the reason: a reader is never stopped by an event that does not fit.
//
// Thread-safe. Reads no disk.

#include <cstdint>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "nexus/port/metrics.h"
#include "nexus/port/upcaster.h"
#include "schema/schema_catalog.h"
#include "schema/schema_languages.h"

namespace nexus::schema {

// In which version a reader wants the data of events.
struct SchemaView {
  uint32_t version = 0;  // of every type that is not in `versions`; 0: as stored
  bool latest = false;   // of these: the latest live one
  absl::flat_hash_map<std::string, uint32_t> versions = {};  // by event type; 0: as stored

  bool empty() const { return version == 0 && !latest && versions.empty(); }
};

struct SchemaEvolutionParts {
  const SchemaCatalog& catalog;
  const SchemaLanguages& languages;
  Upcaster* upcaster = nullptr;  // none are declared
  MetricsRegistry& metrics;
};

class SchemaEvolution {
 public:
  // All parts must outlive this.
  explicit SchemaEvolution(const SchemaEvolutionParts& parts);

  // Puts every event of `batch` that `view` speaks about into the version that it asks for. New
  // data are held by the batch.
  void Apply(const SchemaView& view, EventBatch& batch) const;

 private:
  uint32_t WantedVersion(const SchemaView& view, const RecordedEvent& event) const;
  absl::StatusOr<std::string> Evolve(const RecordedEvent& event, uint32_t wanted) const;
  absl::StatusOr<std::string> Step(absl::string_view type, const SchemaRecord& from,
                                   const SchemaRecord& to, absl::string_view data) const;

  const SchemaEvolutionParts parts_;
  Counter& evolved_;
  Counter& gaps_;
};

}  // namespace nexus::schema
