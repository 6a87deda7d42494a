#pragma once

// Whether what is stored comes through an upcaster that is about to be applied.

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "domain/domain_state.h"
#include "index/filtered_reader.h"
#include "schema/schema_evolution.h"
#include "script/script_engine.h"

namespace nexus::domain {

struct TrialOptions {
  // So many events are tried, half of them the oldest, half the newest; 0: all there are.
  uint64_t sample = 1'000;
  size_t failures_max = 20;            // that are kept; all are counted
  uint64_t looked_at_max = 1'000'000;  // events of the type, for a sample of one version
  Position up_to = Position(UINT64_MAX);
};

struct TrialFailure {
  std::string stream;
  Revision revision;
  Position position;
  uint32_t version = 0;
  std::string reason;
};

struct TrialOutcome {
  uint64_t events = 0;  // that were tried
  uint64_t failed = 0;
  std::vector<TrialFailure> failures;  // by position
};

struct TrialParts {
  index::FilteredReader& reader;
  const schema::SchemaEvolution& evolution;
  script::ScriptEngine& scripts;
  script::CallLimits call = {};
};

// Takes stored events of the upcaster's type, of its version and earlier ones, the whole way to
// what it gives, by the steps of `state` and with the versions of `planned`. Reads from disk and
// runs code, on the calling thread. `cancelled` is asked between pages: DEADLINE_EXCEEDED.
absl::StatusOr<TrialOutcome> TryUpcaster(const TrialParts& parts, const UpcasterRecord& record,
                                         const DomainState& state,
                                         absl::Span<const schema::SchemaRecordPtr> planned,
                                         const TrialOptions& options,
                                         const std::function<bool()>& cancelled);

}  // namespace nexus::domain
