#pragma once

// Stored events in the version that a reader asks for.
//
// Data go from version to version, along all that the subject has between the stored one and the
// asked one, in either direction; deleted versions are steps too. Who asks for the latest gets the
// successor of a type that has one. Each step is a declared one (Upcaster) or is derived from the
// two schemas (SchemaEvolver). What comes out must be valid under the asked version; if it is not,
// or a step cannot be made, the event is given as it was stored, with the reason: a reader is never
// stopped by an event that does not fit.
//
// Thread-safe. Reads no disk. Where a declared step is on the way, it waits for code to run.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/core/event.h"
#include "nexus/port/metrics.h"
#include "nexus/port/upcaster.h"
#include "schema/event_way.h"
#include "schema/schema_catalog.h"
#include "schema/schema_languages.h"

namespace nexus::schema {

// Key of the metadata of an event that is given as its successor: the type that it was stored with.
inline constexpr absl::string_view kStoredTypeKey = "$stored_type";

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
  // data are held by the batch. Who has a runner of his own, on this thread, gives it. The error is
  // of the first event with a declared step on its way that could not be put there (readers pass
  // over it: the event says it too).
  absl::Status Apply(const SchemaView& view, EventBatch& batch,
                     UpcastRunner* runner = nullptr) const;

  // The same by steps and versions that do not hold yet. Counts nothing.
  absl::Status Try(const SchemaView& view, const DeclaredSteps& declared,
                   absl::Span<const SchemaRecordPtr> planned, EventBatch& batch,
                   UpcastRunner& runner) const;

 private:
  class Batch;

  const SchemaEvolutionParts parts_;
  Counter& evolved_;
  Counter& gaps_;
};

}  // namespace nexus::schema
