#pragma once

// What one caller may do: what its roles allow, narrowed by the scope of its token.
//
// Immutable, hence thread-safe. The functions are those of AccessMatcher.

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "identity/access/access_matcher.h"
#include "identity/principal.h"

namespace nexus::identity {

class Access {
 public:
  Access(AccessMatcher roles, std::optional<AccessMatcher> scope)
      : roles_(std::move(roles)), scope_(std::move(scope)) {}

  bool Allows(Operation operation, absl::string_view stream, absl::string_view type) const {
    return roles_.Allows(operation, stream, type) &&
           (!scope_.has_value() || scope_->Allows(operation, stream, type));
  }
  bool AllowsStream(Operation operation, absl::string_view stream) const {
    return roles_.AllowsStream(operation, stream) &&
           (!scope_.has_value() || scope_->AllowsStream(operation, stream));
  }
  bool AllowsSomeOf(Operation operation, absl::string_view stream) const {
    return roles_.AllowsSomeOf(operation, stream) &&
           (!scope_.has_value() || scope_->AllowsSomeOf(operation, stream));
  }
  bool AllowsEverything(Operation operation) const {
    return roles_.AllowsEverything(operation) &&
           (!scope_.has_value() || scope_->AllowsEverything(operation));
  }
  bool AllowsSomething(Operation operation) const {
    return roles_.AllowsSomething(operation) &&
           (!scope_.has_value() || scope_->AllowsSomething(operation));
  }
  bool AllowsSubject(Operation operation, absl::string_view subject) const {
    return roles_.AllowsSubject(operation, subject) &&
           (!scope_.has_value() || scope_->AllowsSubject(operation, subject));
  }
  bool AllowsServer(Operation operation) const {
    return roles_.AllowsServer(operation) &&
           (!scope_.has_value() || scope_->AllowsServer(operation));
  }
  // By the rules that it was made of.
  friend bool operator==(const Access&, const Access&) = default;

 private:
  const AccessMatcher roles_;
  const std::optional<AccessMatcher> scope_;
};

// What is said to whom no rule allows it: ACCESS_DENIED with the operation and what it was about
// (empty: the server); to a caller without credentials UNAUTHENTICATED (MISSING).
absl::Status AccessDenied(const Principal& principal, Operation operation, absl::string_view what);

}  // namespace nexus::identity
