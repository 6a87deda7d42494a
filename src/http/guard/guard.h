#pragma once

// Who asks over HTTP, and whether he may: the same credentials, rules and limits as of a call.
//
// Thread-safe; waits for nothing. The parts must outlive it and what it guards.

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "http/route.h"
#include "identity/authentication/authenticator.h"
#include "identity/limits/rate_limiter.h"
#include "identity/operation.h"
#include "nexus/port/audit_ledger.h"

namespace nexus::http {

struct GuardParts {
  const identity::Authenticator& authenticator;
  identity::RateLimiter* limiter = nullptr;  // null: nobody is limited
  AuditLedger* ledger = nullptr;             // null: nobody writes down who is refused
};

// On what an operation must be allowed.
enum class OperationScope {
  kSomething,  // the items are looked at later, by who knows them
  kServer,
};

class Guard {
 public:
  explicit Guard(const GuardParts& parts) : parts_(parts) {}

  // The caller, who may do `operation` and owes nothing for the request any more. UNAUTHENTICATED,
  // ACCESS_DENIED, RATE_LIMITED, NOT_READY.
  absl::StatusOr<identity::Identity> Admit(const Request& request, identity::Operation operation,
                                           OperationScope scope) const;

  // The same routes, each behind its row of route_access.h. kInternal if one has none.
  absl::StatusOr<std::vector<Route>> Around(std::vector<Route> routes) const;

 private:
  void WriteFailure(const Request& request, const absl::Status& why) const;
  void WriteDenial(const Request& request, const identity::Principal& who,
                   identity::Operation operation, const absl::Status& why) const;

  const GuardParts parts_;
};

// "Bearer TOKEN", of "Bearer" or of "Basic", whose password is the token; the name before it is not
// looked at: Prometheus and Confluent's clients know that. Empty if there is none.
std::string BearerOf(const Request& request);

// For people: 401, 403, 429 or 503, with the headers that go with it.
Response RefusalOf(const absl::Status& status);

// Adds what a refusal tells clients: how to authenticate, when to come again.
void AddRefusalHeaders(const absl::Status& status, Response& response);

}  // namespace nexus::http
