#pragma once

// What each method of the contract asks of its caller. A method without a row is refused to
// everybody, and the server does not start with one.
//
// Here is decided whether a call may begin; what it is about (a stream, a type, a subject) is
// looked at item by item by who knows it.

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "engine/draft.h"
#include "identity/operation.h"

namespace nexus::rpc {

enum class AccessScope {
  kItems,       // the operation must be allowed on something; the items are looked at later
  kEverything,  // ... on every event of the log
  kServer,      // ... on the server as a whole
};

struct MethodAccess {
  identity::Operation operation;
  AccessScope scope;
};

// "nexus.v1.EventStoreService/Append". nullptr: there is no row.
const MethodAccess* FindMethodAccess(absl::string_view method);

// ACCESS_DENIED, or UNAUTHENTICATED to a caller without credentials.
absl::Status CheckMethodAccess(absl::string_view method, const engine::Caller& caller);

}  // namespace nexus::rpc
