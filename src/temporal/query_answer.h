#pragma once

// Answers one query of the past, or one page of it, with a fold. Belongs to one thread.

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "index/selection.h"
#include "nexus/port/json_reader.h"
#include "snapshot/snapshot_finder.h"
#include "temporal/continuation.h"
#include "temporal/past_fold.h"
#include "temporal/past_query.h"
#include "temporal/past_walk.h"

namespace nexus::temporal {

struct QueryAnswerParts {
  PastWalkParts walk;
  JsonReader& json;
  const Continuations& continuations;
  WalkLimits limits;                              // with the deadline of this call
  snapshot::SnapshotFinder* snapshots = nullptr;  // null: states are made of events alone
  // Whether what folds now has made it.
  std::function<bool(const SnapshotInfo&)> current = nullptr;
};

// Who asks, as far as it matters here.
struct QueryAsker {
  std::string owner;       // for Continuations
  index::Visible visible;  // empty: all
};

// Errors: QueryService of nexus/v1/query.proto.
absl::StatusOr<PastAnswer> AnswerQuery(const QueryAnswerParts& parts, const PastQuery& query,
                                       const QueryAsker& asker, PastFold& fold);

}  // namespace nexus::temporal
