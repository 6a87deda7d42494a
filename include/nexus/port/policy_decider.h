#pragma once

// Asks whether something may happen. What cannot be decided is not admitted.

#include <memory>
#include <string>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nexus/core/errors.h"
#include "nexus/core/rule_modes.h"

namespace nexus {

struct PolicyQuestion {
  std::string operation;   // "append", "register_schema": picks data.nexus.<operation>.decision
  std::string input_json;  // one JSON object, docs/reference/policy-input.md
  // Of the streams that it is about, where the decider asks by them; any order.
  std::vector<std::string> categories = {};
};

// What a rule found that does not refuse for it.
struct RuleOutcome {
  std::string rule;
  std::string message;
  RuleMode mode = RuleMode::kShadow;  // or kWarn

  friend bool operator==(const RuleOutcome&, const RuleOutcome&) = default;
};

struct PolicyAnswer {
  bool allow = false;                 // true only if the policy said so and denied nothing
  std::vector<PolicyDenial> denials;  // why not; may be empty (default deny)
  std::string revision;               // of the policies that decided
  bool permitted = false;             // what the policy said before its rules were heard
  // How far its rules are enforced, for policy/enforcement.h: in the answer of a decider they all
  // deny. Null: they are to.
  std::shared_ptr<const RuleModes> modes = nullptr;
  std::vector<RuleOutcome> outcomes = {};  // of rules that do not refuse yet
};

struct PolicyState {
  bool ready = false;
  std::string revision;
  std::string engine;  // "opa (supervised)", "opa at unix:/run/opa.sock"
  std::string reason;  // why it is not ready; what is wrong all the same if it is
};

class PolicyDecider {
 public:
  using Done = absl::AnyInvocable<void(absl::StatusOr<PolicyAnswer>)>;

  virtual ~PolicyDecider() = default;

  // Returns at once. `done` runs exactly once, on a thread of the decider or inside this call, and
  // must not block. An error is always POLICY_UNAVAILABLE (kUnavailable): undefined, malformed or
  // late answers, an open circuit, an engine that is not there. Questions that are waiting are
  // asked together. `timeout` runs from the call.
  virtual void Decide(PolicyQuestion question, absl::Duration timeout, Done done) = 0;

  virtual PolicyState State() = 0;

  // False: every question is answered alike, so that nobody needs to write one.
  virtual bool asks() const { return true; }

  // Whether the policies have an entrypoint for `operation`. Where they need not have one
  // (policy/operations.h), a question without is not asked.
  virtual bool Decides(absl::string_view operation) {
    (void)operation;
    return asks();
  }

  // True: questions about appends and commands name the categories of their streams.
  virtual bool asks_by_category() const { return false; }
};

}  // namespace nexus
