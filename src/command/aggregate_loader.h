#pragma once

// Brings a live aggregate up to the events of its stream.

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "command/aggregate_code.h"
#include "command/live_aggregate.h"
#include "nexus/core/stream_name.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/upcaster.h"
#include "schema/schema_evolution.h"

namespace nexus::command {

class AggregateLoader {
 public:
  // Both must outlive it.
  AggregateLoader(EventReader& reader, const schema::SchemaEvolution& evolution)
      : reader_(reader), evolution_(evolution) {}

  // Folds what was committed here, then reads what the stream has beyond `live.revision`. Events
  // come in the latest version of their schemas, or of their successors. Types that the aggregate
  // does not declare are added to `live.other_types`, unless they are too many. Gives how many
  // events were read.
  // Leaves `live` as far as it came if it fails: DOMAIN_CODE_FAILED, also where an upcaster does,
  // and what reading gives. `runner`: of this thread, for upcasters; null: it has none.
  absl::StatusOr<uint64_t> Load(const StreamName& stream, AggregateCode& code, LiveAggregate& live,
                                UpcastRunner* runner = nullptr) const;

  // The same, but at most one page of events.
  struct Slice {
    uint64_t read = 0;
    bool end = false;  // nothing follows
  };
  absl::StatusOr<Slice> LoadSlice(const StreamName& stream, AggregateCode& code,
                                  LiveAggregate& live, UpcastRunner* runner) const;

  // What both begin with.
  static absl::Status FoldCommitted(LiveAggregate& live);

 private:
  EventReader& reader_;
  const schema::SchemaEvolution& evolution_;
};

}  // namespace nexus::command
