#pragma once

// Where refusals ($denials) and what administrators and auditors want to see ($audit) are written
// down as events: docs/reference/audit-events.md.
//
// Nothing here waits, and nobody's call fails because of it. What is the same again and again
// becomes one event with a count. Thread-safe.

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "nexus/core/audit_streams.h"

namespace nexus {

// Who was at the other end. Never any part of credentials.
struct ClientFacts {
  std::string principal = "anonymous";
  std::string method = "none";
  std::string peer;      // "ipv4:10.0.0.7:51234"; empty: not known
  std::string token_id;  // of an API token
};

// Two refusals of one key are the same one.
struct DenialKey {
  absl::string_view principal;
  absl::string_view operation;  // "append", "register_schema"
  absl::string_view stream;     // or what else it was about: a subject, a category, a method
  absl::string_view type;       // of the first event
  absl::string_view reason;     // "POLICY_DENIED"
  absl::string_view rules;      // their names, with commas
};

// Where the data broke a rule; not by which value.
struct DenialPlace {
  std::string field;
  std::string pointer;
  std::string keyword;
};

struct Denial {
  ClientFacts client;
  std::string operation;
  std::string stream;
  std::string type;
  std::string reason;
  std::vector<std::string> rules;
  std::vector<DenialPlace> places;
  std::string payload_digest;  // hexadecimal; the request digest of the commit; empty: no commit
  std::string input_digest;    // hexadecimal; empty: the policy was not asked
  std::string policy_revision;
  std::string commit_id;
  std::string correlation_id;
};

struct AuditRecord {
  // The type of its event, and the type alone tells what the rest means.
  std::string type;  // "$admin-action", "$authentication-failed", "$bulk-read"
  ClientFacts client;
  std::string action;          // "register_schema", "nexus.admin.v1.AdminService/Drain"
  std::string subject;         // what it was about; may be empty
  std::string outcome = "OK";  // or the reason of the error
  std::vector<std::pair<std::string, std::string>> details = {};
  std::string correlation_id = {};
};

class AuditLedger {
 public:
  virtual ~AuditLedger() = default;

  // Gives the id of the decision, under which it can be explained. `describe` runs inside the call,
  // and only for the first of its kind.
  virtual std::string Deny(const DenialKey& key, absl::FunctionRef<Denial()> describe) = 0;

  virtual void Record(AuditRecord record) = 0;

  // Proposes at once what still waits: before the log ends. True: nothing is left, or under way.
  virtual bool Flush() = 0;

  // The data of a denial that is not written yet; nothing if none with this id waits.
  virtual std::optional<std::string> PendingDenial(absl::string_view decision_id) = 0;
};

}  // namespace nexus
