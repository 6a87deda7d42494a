#include "engine/access_check.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/access/access.h"

namespace nexus::engine {
namespace {

using identity::Access;
using identity::AccessDenied;
using identity::Operation;

}  // namespace

absl::Status CheckCommitAccess(const Commit& commit, const Caller& caller) {
  if (caller.access == nullptr) return absl::OkStatus();
  const Access& access = *caller.access;
  std::vector<bool> written(commit.streams.size(), false);
  const CommitEvent* allowed = nullptr;  // neighbours are mostly alike
  for (const CommitEvent& entry : commit.events) {
    if (allowed != nullptr && allowed->stream_index == entry.stream_index &&
        allowed->event.type == entry.event.type) {
      continue;
    }
    written[entry.stream_index] = true;
    const std::string& stream = commit.streams[entry.stream_index].name.str();
    if (access.Allows(Operation::kAppend, stream, entry.event.type)) {
      allowed = &entry;
      continue;
    }
    return AccessDenied(caller.principal, Operation::kAppend,
                        absl::StrCat(stream, " (", entry.event.type, ")"));
  }
  for (size_t i = 0; i < commit.streams.size(); ++i) {
    const std::string& stream = commit.streams[i].name.str();
    if (written[i] || access.AllowsSomeOf(Operation::kAppend, stream) ||
        access.AllowsSomeOf(Operation::kRead, stream)) {
      continue;
    }
    return AccessDenied(caller.principal, Operation::kRead, stream);
  }
  return absl::OkStatus();
}

absl::Status CheckCommandAccess(const Caller& caller, absl::string_view stream,
                                absl::string_view command) {
  if (caller.access == nullptr || caller.access->Allows(Operation::kExecute, stream, command)) {
    return absl::OkStatus();
  }
  return AccessDenied(caller.principal, Operation::kExecute,
                      absl::StrCat(stream, " (", command, ")"));
}

absl::Status CheckHandleAccess(const Caller& caller, absl::string_view category) {
  if (caller.access == nullptr || caller.access->AllowsStream(Operation::kHandle, category)) {
    return absl::OkStatus();
  }
  return AccessDenied(caller.principal, Operation::kHandle, category);
}

absl::StatusOr<index::Visible> ReadAccess(const Caller& caller, std::vector<Operation> operations,
                                          absl::string_view stream) {
  if (caller.access == nullptr) return index::Visible();
  bool all = true;
  for (const Operation operation : operations) {
    const Access& access = *caller.access;
    const bool some =
        stream.empty() ? access.AllowsSomething(operation) : access.AllowsSomeOf(operation, stream);
    if (!some) return AccessDenied(caller.principal, operation, stream);
    all = all && (stream.empty() ? access.AllowsEverything(operation)
                                 : access.AllowsStream(operation, stream));
  }
  if (all) return index::Visible();
  return index::Visible([access = caller.access, operations = std::move(operations)](
                            absl::string_view of, absl::string_view type) {
    return std::all_of(operations.begin(), operations.end(),
                       [&](Operation operation) { return access->Allows(operation, of, type); });
  });
}

absl::Status CheckSubjectAccess(const Caller& caller, Operation operation,
                                absl::string_view subject) {
  if (subject.empty()) return CheckServerAccess(caller, operation);
  if (caller.access == nullptr || caller.access->AllowsSubject(operation, subject)) {
    return absl::OkStatus();
  }
  return AccessDenied(caller.principal, operation, subject);
}

absl::Status CheckCategoryAccess(const Caller& caller, absl::string_view category) {
  if (caller.access == nullptr || caller.access->AllowsStream(Operation::kSchemaWrite, category)) {
    return absl::OkStatus();
  }
  return AccessDenied(caller.principal, Operation::kSchemaWrite, category);
}

absl::Status CheckServerAccess(const Caller& caller, Operation operation) {
  if (caller.access == nullptr || caller.access->AllowsServer(operation)) return absl::OkStatus();
  return AccessDenied(caller.principal, operation, "");
}

}  // namespace nexus::engine
