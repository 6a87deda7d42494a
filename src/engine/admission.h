#pragma once

// The door: schema and policy. A commit that comes out is stamped and may be proposed; whatever
// could not be decided does not come out.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "engine/draft.h"
#include "engine/json_views.h"
#include "nexus/core/clock.h"
#include "nexus/core/commit.h"
#include "nexus/core/errors.h"
#include "nexus/core/id_source.h"
#include "nexus/port/policy_decider.h"
#include "nexus/port/schema_validator.h"
#include "policy/policy_input.h"
#include "schema/schema_registry.h"

namespace nexus::engine {

// What the gates say about a commit, all of it.
struct Verdict {
  PolicyAnswer policy;
  std::vector<Violation> violations;  // of schemas
  // Fields that no schema declares, and that their subjects reject; and those they warn of.
  std::vector<Violation> undeclared;
  std::vector<Violation> warnings;
  size_t events_rejected = 0;  // that have such a field
  size_t events_warned = 0;
  std::string input_json;  // what the policy was given, if that was wanted
  Digest128 input_digest = {};

  // OK, POLICY_DENIED, SCHEMA_VIOLATION or UNDECLARED_FIELD. A denial comes first: who may not
  // write learns nothing about the schema.
  absl::Status ToStatus() const;
};

// OK, or POLICY_DENIED with the rules. `input`: the digest of what was asked.
absl::Status DenialStatus(const PolicyAnswer& answer, const Digest128& input);

// Thread-safe. The parts must outlive every callback.
class Admission {
 public:
  struct Options {
    absl::Duration policy_timeout = absl::Milliseconds(20);
    absl::Duration policy_query_timeout = absl::Milliseconds(50);  // of reads
    bool policy_sees_data = false;
    // Of data that are no JSON, rendered for the policy: of one commit.
    size_t policy_json_bytes_max = 8 << 20;
    size_t violations_max = 100;  // of each kind
    // Optional by configuration, whatever the registry says.
    absl::flat_hash_set<std::string> optional_categories = {};
  };
  using Done = absl::AnyInvocable<void(Commit, absl::StatusOr<Verdict>)>;
  // Whether the verdict tells what the policy was given: a copy, as large as the commit may be.
  enum class KeepInput { kNo, kYes };

  // `any_json` accepts every well-formed JSON document: events without a schema still must be one.
  Admission(schema::SchemaRegistry& schemas, std::shared_ptr<const CompiledSchema> any_json,
            PolicyDecider& policy, Clock& clock, Options options);

  // Resolves schema versions, validates, asks the policy. `done` gets the commit back, on a thread
  // of the decider or inside this call. Errors: SCHEMA_NOT_REGISTERED, MALFORMED_JSON,
  // MALFORMED_REQUEST, LIMIT_EXCEEDED, POLICY_UNAVAILABLE, OVERLOADED (too late).
  void Decide(Commit commit, const Caller& caller, KeepInput keep, Done done);

  // Whether policies are shown the data of events and commands.
  bool PolicySeesData() const { return options_.policy_sees_data; }

  // The time that the policy may take for this caller; zero or less if nobody waits any more.
  absl::Duration TimeFor(const Caller& caller, absl::string_view operation) const;

 private:
  struct EventPlace {
    size_t stream;
    size_t event;
    std::string ToString() const;  // "streams[0].events[3]"
  };

  // What is found out about the events of a commit.
  struct Findings {
    std::vector<policy::SchemaFacts> facts;  // of each event
    Verdict verdict;                         // but for the policy's part
    JsonViews json;
    // The facts borrow from them, and the catalog may go on meanwhile.
    std::vector<std::shared_ptr<const schema::SchemaRecord>> classified = {};
  };

  // What holds for events of one type and version in one stream.
  struct Rule {
    uint32_t stream_index = 0;
    absl::string_view type;  // the first such event's own
    uint32_t asked_version = 0;
    std::shared_ptr<const schema::SchemaRecord> record;  // null: there is none
    bool required = false;
    UndeclaredFields undeclared = UndeclaredFields::kAllow;
    const ClassifiedFields* classified = nullptr;  // null: no field has a class
  };

  // Looks a rule up, unless `rule` is the one already: neighbours mostly agree.
  void FindRule(const Commit& commit, const CommitEvent& entry, std::optional<Rule>& rule) const;
  absl::Status CheckEvents(Commit& commit, Findings& findings) const;
  absl::Status CheckEvent(const Rule& rule, const EventPlace& place, Event& event,
                          Findings& findings) const;
  absl::Status CheckData(const Rule& rule, SchemaFormat format, const EventPlace& place,
                         const Event& event, Findings& findings) const;
  // What the schema has found, as far as the verdict has room.
  void Take(const Rule& rule, const EventPlace& place, DataFindings found, Verdict& verdict) const;
  absl::Status NotRegistered(const EventPlace& place, const Event& event) const;
  absl::Status OtherContentType(const EventPlace& place, const Event& event,
                                SchemaFormat format) const;
  absl::Status MalformedData(const EventPlace& place, const absl::Status& why) const;

  schema::SchemaRegistry& schemas_;
  const std::shared_ptr<const CompiledSchema> any_json_;
  PolicyDecider& policy_;
  Clock& clock_;
  const Options options_;
};

}  // namespace nexus::engine
