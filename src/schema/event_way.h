#pragma once

// The way of data from the version that they were stored in to the one that a reader asks for:
// version by version, and from a type to its successor. docs/reference/evolution.md.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "nexus/port/upcaster.h"
#include "schema/schema_catalog.h"

namespace nexus::schema {

// In which version a reader wants the data of events.
struct SchemaView {
  uint32_t version = 0;  // of every type that is not in `versions`; 0: as stored
  bool latest = false;   // of these: the latest live one, of the last successor
  absl::flat_hash_map<std::string, uint32_t> versions = {};  // by event type; 0: as stored

  bool empty() const { return version == 0 && !latest && versions.empty(); }
};

// One step of a way: a declared one, or one that is derived from two schemas.
struct WayStep {
  const DeclaredStep* declared = nullptr;  // null: it is derived
  SchemaRecordPtr from = nullptr;          // both: of a derived step
  SchemaRecordPtr to = nullptr;
};

struct EventWay {
  std::string type;  // of what comes out
  uint32_t version = 0;
  std::vector<WayStep> steps = {};
  SchemaRecordPtr target = {};
  absl::Status fault = absl::OkStatus();  // why there is no way
  bool is_declared = false;               // one step at least is
};

// What there is at one moment. All must outlive what is asked of it.
struct WayMap {
  const SchemaCatalog& catalog;
  // Versions that are about to be registered.
  absl::Span<const SchemaRecordPtr> planned = {};
  const DeclaredSteps* declared = nullptr;  // null: none

  // Live or not; null if it is not there.
  SchemaRecordPtr FindStored(absl::string_view type, uint32_t version) const;
  // The latest live version, or null.
  SchemaRecordPtr FindLatest(absl::string_view type) const;
  // Nothing: the event is given as it was stored. `stored`: 0 without a schema.
  std::optional<EventWay> WayOf(const SchemaView& view, absl::string_view type,
                                uint32_t stored) const;
};

}  // namespace nexus::schema
