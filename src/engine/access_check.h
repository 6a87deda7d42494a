#pragma once

// Whether the roles of a caller allow what it asks for, item by item. A caller without Access is
// one whose access is not controlled. Pure.
//
// All: ACCESS_DENIED, or UNAUTHENTICATED to a caller without credentials.

#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "engine/draft.h"
#include "identity/operation.h"
#include "index/selection.h"
#include "nexus/core/commit.h"

namespace nexus::engine {

// Every event, by its stream and type. A stream that is only checked must be one that the caller
// may append to, or read.
absl::Status CheckCommitAccess(const Commit& commit, const Caller& caller);

// A command to the aggregate that has this stream.
absl::Status CheckCommandAccess(const Caller& caller, absl::string_view stream,
                                absl::string_view command);

// Whether the caller may decide the commands of every stream of `category`.
absl::Status CheckHandleAccess(const Caller& caller, absl::string_view category);

// What the caller may see of `stream` (empty: the whole log) with all of `operations`: everything
// if the answer is empty.
absl::StatusOr<index::Visible> ReadAccess(const Caller& caller,
                                          std::vector<identity::Operation> operations,
                                          absl::string_view stream);

// A subject of the registry; empty: what holds for all.
absl::Status CheckSubjectAccess(const Caller& caller, identity::Operation operation,
                                absl::string_view subject);
absl::Status CheckCategoryAccess(const Caller& caller, absl::string_view category);
absl::Status CheckServerAccess(const Caller& caller, identity::Operation operation);

// Tells `done` of a fault; whether there was one.
template <typename Done>
bool Refused(absl::Status fault, Done& done) {
  if (fault.ok()) return false;
  done(std::move(fault));
  return true;
}

}  // namespace nexus::engine
