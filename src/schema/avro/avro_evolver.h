#pragma once

// The SchemaEvolver port for Avro: the resolution of the specification, as a reader would do it.

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "nexus/port/schema_evolver.h"
#include "schema/avro/datum_resolver.h"

namespace nexus::schema {

class AvroEvolver : public SchemaEvolver {
 public:
  // As the port says, and what DatumResolver says. Plans of pairs of schemas are kept.
  absl::StatusOr<std::string> Evolve(absl::string_view data, const CompiledSchema& from,
                                     const CompiledSchema& to) override;

 private:
  using Resolver = std::shared_ptr<const DatumResolver>;  // shared with who uses it now
  using Pair = std::pair<const AvroSchema*, const AvroSchema*>;

  absl::StatusOr<Resolver> Find(const std::shared_ptr<const AvroSchema>& from,
                                const std::shared_ptr<const AvroSchema>& to);

  absl::Mutex mutex_;
  // A resolver holds its schemas, so that an address is not given to another.
  absl::flat_hash_map<Pair, Resolver> resolvers_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::schema
