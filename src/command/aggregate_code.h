#pragma once

// The code of one aggregate in a script engine: what it folds and decides.
//
// Belongs to the thread of its context and goes before it; states go before it, too.
//
// Errors: DOMAIN_CODE_FAILED with "aggregate", "function" and "input_digest". After one that leaves
// it `broken()` it is to be thrown away with all its states.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/domain_state.h"
#include "script/script_engine.h"

namespace nexus::command {

using StateValue = std::unique_ptr<script::ScriptValue>;

class AggregateCode {
 public:
  // Compiles and runs the modules of `record`, whose script is not empty.
  static absl::StatusOr<std::unique_ptr<AggregateCode>> Load(
      script::ScriptContext& context, std::shared_ptr<const domain::AggregateRecord> record,
      const script::CallLimits& limits);

  const domain::AggregateRecord& record() const { return *record_; }
  bool broken() const { return broken_; }

  // The state before the first event.
  absl::StatusOr<StateValue> Begin();
  // The state after `events`, a JSON array of `count` events as event_view.h makes them.
  absl::StatusOr<StateValue> Fold(const script::ScriptValue& state, absl::string_view events,
                                  size_t count);
  // For ReadDecision(). `command` and `context` are JSON objects (command_view.h).
  absl::StatusOr<std::string> Decide(const script::ScriptValue& state, absl::string_view command,
                                     absl::string_view context);
  absl::StatusOr<std::string> StateJson(const script::ScriptValue& state);
  // What StateJson() gave, as a state again.
  absl::StatusOr<StateValue> Restore(absl::string_view state_json);

 private:
  AggregateCode(std::shared_ptr<const domain::AggregateRecord> record,
                std::unique_ptr<script::ScriptModule> module, const script::CallLimits& limits);
  absl::Status FindFunctions();
  absl::Status Failure(const absl::Status& why, absl::string_view function,
                       absl::string_view input);

  const std::shared_ptr<const domain::AggregateRecord> record_;
  const std::unique_ptr<script::ScriptModule> module_;
  const script::CallLimits limits_;
  script::ScriptFunction begin_ = 0;
  script::ScriptFunction restore_ = 0;
  script::ScriptFunction fold_ = 0;
  script::ScriptFunction decide_ = 0;
  bool broken_ = false;
};

}  // namespace nexus::command
