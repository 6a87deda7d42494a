#include "identity/access/access_registry.h"

#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"
#include "identity/access/access_events.h"
#include "identity/unauthenticated.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

size_t HashOf(const Principal& principal) {
  return absl::HashOf(principal.name, principal.token_id, principal.roles);
}

bool SameRights(const Principal& a, const Principal& b) {
  return a.name == b.name && a.token_id == b.token_id && a.roles == b.roles;
}

}  // namespace

AccessRegistry::AccessRegistry(const AccessRegistryParts& parts, AccessRegistryOptions options)
    : parts_(parts),
      options_(options),
      stream_(
          StreamName::Literal(kAccessStream), parts.log, parts.reader, parts.executor, parts.clock,
          parts.ids, [this](const RecordedEvent& event) { return Fold(event); }, options.stream) {}

absl::Status AccessRegistry::Load() { return stream_.CatchUp(); }

AccessRegistry::SnapshotPtr AccessRegistry::Snapshot() const {
  {
    absl::ReaderMutexLock lock(&mutex_);
    if (snapshot_ != nullptr) return snapshot_;
  }
  absl::MutexLock lock(&mutex_);
  if (snapshot_ == nullptr) snapshot_ = std::make_shared<const AccessSnapshot>(now_);
  return snapshot_;
}

AccessRegistry::AccessPtr AccessRegistry::AccessOf(const Principal& principal) {
  const size_t key = HashOf(principal);
  AccessPtr before;
  {
    absl::ReaderMutexLock lock(&mutex_);
    const auto found = compiled_.find(key);
    if (found != compiled_.end() && SameRights(found->second.principal, principal)) {
      before = found->second.access;
      if (found->second.state == state_) return before;
    }
  }
  const SnapshotPtr snapshot = Snapshot();
  auto access = std::make_shared<const Access>(snapshot->Compile(principal));
  // Calls that last ask again at each message: what is the same object is compared at no cost.
  if (before != nullptr && *before == *access) access = std::move(before);
  absl::MutexLock lock(&mutex_);
  if (snapshot != snapshot_) return access;  // the rules have changed meanwhile: for this call only
  if (compiled_.size() >= options_.compiled_max && !compiled_.contains(key)) compiled_.clear();
  compiled_[key] = {principal, access, state_};
  return access;
}

absl::StatusOr<Principal> AccessRegistry::Authenticate(absl::string_view token) const {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view id, ApiTokenId(token));
  const TokenRecordPtr record = Snapshot()->FindToken(id);
  NEXUS_RETURN_IF_ERROR(CheckToken(record.get(), token, parts_.clock.Now()));
  return record->ToPrincipal();
}

absl::Status AccessRegistry::CheckStillUsable(absl::string_view token_id) const {
  const TokenRecordPtr record = Snapshot()->FindToken(token_id);
  if (record == nullptr) {
    return Unauthenticated(AuthFailure::kUnknown, "the token is not known to this server");
  }
  return record->CheckUsable(parts_.clock.Now());
}

absl::Status AccessRegistry::Fold(const RecordedEvent& event) {
  if (event.type == kTokenCreatedType) {
    NEXUS_ASSIGN_OR_RETURN(TokenRecord token, DecodeTokenCreated(event.data, parts_.json));
    token.created = event.recorded;
    token.created_by = std::string(event.principal);
    Apply([&](AccessSnapshot& now) { now.SetToken(std::move(token)); });
  } else if (event.type == kRoleDefinedType) {
    NEXUS_ASSIGN_OR_RETURN(Role role, DecodeRoleDefined(event.data, parts_.json));
    Apply([&](AccessSnapshot& now) { now.SetRole(std::move(role)); });
  } else if (event.type == kRoleBoundType) {
    NEXUS_ASSIGN_OR_RETURN(RoleBinding binding, DecodeRoleBound(event.data, parts_.json));
    binding.created = event.recorded;
    binding.created_by = std::string(event.principal);
    Apply([&](AccessSnapshot& now) { now.SetBinding(std::move(binding)); });
  } else {
    return FoldEnd(event);
  }
  return absl::OkStatus();
}

absl::Status AccessRegistry::FoldEnd(const RecordedEvent& event) {
  const bool known = event.type == kTokenRevokedType || event.type == kRoleRemovedType ||
                     event.type == kRoleUnboundType;
  if (!known) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat(kAccessStream, " has an event of the unknown type ", event.type,
                                  " at revision ", event.revision.value));
  }
  NEXUS_ASSIGN_OR_RETURN(const AccessEnded ended, DecodeAccessEnded(event.data, parts_.json));
  const bool began = Apply([&](AccessSnapshot& now) {
    if (event.type == kTokenRevokedType) return now.RevokeToken(ended.name);
    if (event.type == kRoleRemovedType) return now.RemoveRole(ended.name);
    return now.RemoveBinding(ended.name);
  });
  if (began) return absl::OkStatus();
  return MakeError(ErrorReason::kDataLoss,
                   absl::StrCat(kAccessStream, " revision ", event.revision.value, " ends ",
                                ended.name, ", which never began"));
}

}  // namespace nexus::identity
