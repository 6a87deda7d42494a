// How the rules of access change: each judged against all that came before it.

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/access/access_events.h"
#include "identity/access/access_registry.h"
#include "identity/access/access_request.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

absl::Status NotFound(absl::string_view what, absl::string_view name) {
  return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no ", what, " ", name));
}

absl::Status TooMany(absl::string_view what, size_t most) {
  return MakeError(ErrorReason::kLimitExceeded,
                   absl::StrCat("there are ", most, " ", what, " already; more are not kept"));
}

}  // namespace

void AccessRegistry::CreateToken(CreateTokenRequest request, AdmissionStamp stamp,
                                 Done<CreatedToken> done) {
  MintedToken minted = MintToken(parts_.secrets);
  TokenRecord token;
  token.id = minted.id;
  token.digest = minted.digest;
  token.principal = std::move(request.principal);
  token.roles = std::move(request.roles);
  token.scope = std::move(request.scope);
  token.expires = request.expires;
  token.comment = std::move(request.comment);
  AddToken(std::move(token), std::move(stamp),
           [text = std::move(minted.text),
            done = std::move(done)](absl::StatusOr<TokenRecordPtr> record) mutable {
             if (!record.ok()) return done(record.status());
             done(CreatedToken{std::move(text), *std::move(record)});
           });
}

void AccessRegistry::AddToken(TokenRecord token, AdmissionStamp stamp, Done<TokenRecordPtr> done) {
  absl::Status status = CheckTokenRequest(token, parts_.clock.Now());
  if (!status.ok()) return done(std::move(status));
  token.created_by = stamp.principal;
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, token]() -> Plan {
    const SnapshotPtr now = Snapshot();
    for (const std::string& role : token.roles) {
      if (now->FindRole(role) == nullptr) return NotFound("role", role);
    }
    if (const TokenRecordPtr known = now->FindToken(token.id)) {
      if (known->digest == token.digest) return std::nullopt;
      return MakeError(ErrorReason::kMalformedRequest,
                       absl::StrCat("another token has the id ", token.id));
    }
    if (now->tokens().size() >= options_.tokens_max) return TooMany("tokens", options_.tokens_max);
    return GovernanceStream::NewEvent{kTokenCreatedType, EncodeTokenCreated(token)};
  };
  change.apply = [this, token](Timestamp recorded) {
    TokenRecord added = token;
    added.created = recorded;
    Apply([&](AccessSnapshot& now) { now.SetToken(std::move(added)); });
  };
  change.done = [this, id = token.id, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(Snapshot()->FindToken(id));
  };
  stream_.Submit(std::move(change));
}

void AccessRegistry::RevokeToken(std::string id, std::string comment, AdmissionStamp stamp,
                                 Done<TokenRecordPtr> done) {
  absl::Status status = CheckAccessEnd("token", id, comment);
  if (!status.ok()) return done(std::move(status));
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, id, comment]() -> Plan {
    const TokenRecordPtr known = Snapshot()->FindToken(id);
    if (known == nullptr) return NotFound("token", id);
    if (known->revoked) return std::nullopt;
    return GovernanceStream::NewEvent{kTokenRevokedType, EncodeAccessEnded({id, comment})};
  };
  change.apply = [this, id](Timestamp) {
    Apply([&](AccessSnapshot& now) { now.RevokeToken(id); });
  };
  change.done = [this, id, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(Snapshot()->FindToken(id));
  };
  stream_.Submit(std::move(change));
}

void AccessRegistry::DefineRole(Role role, AdmissionStamp stamp, Done<Role> done) {
  role.built_in = false;
  absl::Status status = CheckRole(role);
  if (!status.ok()) return done(std::move(status));
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, role]() -> Plan {
    const SnapshotPtr now = Snapshot();
    const Role* known = now->FindRole(role.name);
    if (known != nullptr && *known == role) return std::nullopt;
    if (known != nullptr && known->built_in) return BuiltInRole(role.name);
    if (known == nullptr && now->roles().size() >= options_.roles_max) {
      return TooMany("roles", options_.roles_max);
    }
    return GovernanceStream::NewEvent{kRoleDefinedType, EncodeRoleDefined(role)};
  };
  change.apply = [this, role](Timestamp) {
    Apply([&](AccessSnapshot& now) { now.SetRole(role); });
  };
  change.done = [role, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(role);
  };
  stream_.Submit(std::move(change));
}

void AccessRegistry::RemoveRole(std::string name, std::string comment, AdmissionStamp stamp,
                                Done<Role> done) {
  absl::Status status = CheckAccessEnd("role", name, comment);
  if (!status.ok()) return done(std::move(status));
  auto before = std::make_shared<Role>();  // shared by the steps
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, name, comment, before]() -> Plan {
    const SnapshotPtr now = Snapshot();
    const Role* known = now->FindRole(name);
    if (known == nullptr) return NotFound("role", name);
    if (known->built_in) return BuiltInRole(name);
    NEXUS_RETURN_IF_ERROR(CheckUnused(*now, name));
    *before = *known;
    return GovernanceStream::NewEvent{kRoleRemovedType, EncodeAccessEnded({name, comment})};
  };
  change.apply = [this, name](Timestamp) {
    Apply([&](AccessSnapshot& now) { now.RemoveRole(name); });
  };
  change.done = [before, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(*before);
  };
  stream_.Submit(std::move(change));
}

void AccessRegistry::Bind(RoleBinding binding, AdmissionStamp stamp, Done<RoleBinding> done) {
  absl::Status status = CheckBinding(binding);
  if (!status.ok()) return done(std::move(status));
  binding.id = FormatUuid(parts_.ids.NewUuid());
  binding.created_by = stamp.principal;
  auto id = std::make_shared<std::string>(binding.id);  // shared by the steps
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, binding, id]() -> Plan {
    const SnapshotPtr now = Snapshot();
    if (now->FindRole(binding.role) == nullptr) return NotFound("role", binding.role);
    if (std::string same = now->FindSameRule(binding); !same.empty()) {
      *id = std::move(same);
      return std::nullopt;
    }
    if (now->bindings().size() >= options_.bindings_max) {
      return TooMany("role bindings", options_.bindings_max);
    }
    return GovernanceStream::NewEvent{kRoleBoundType, EncodeRoleBound(binding)};
  };
  change.apply = [this, binding](Timestamp recorded) {
    RoleBinding added = binding;
    added.created = recorded;
    Apply([&](AccessSnapshot& now) { now.SetBinding(std::move(added)); });
  };
  change.done = [this, id, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    const SnapshotPtr now = Snapshot();
    const RoleBinding* found = now->FindBinding(*id);
    if (found == nullptr) return done(NotFound("role binding", *id));  // unbound meanwhile
    done(*found);
  };
  stream_.Submit(std::move(change));
}

void AccessRegistry::Unbind(std::string id, std::string comment, AdmissionStamp stamp,
                            Done<RoleBinding> done) {
  absl::Status status = CheckAccessEnd("role binding", id, comment);
  if (!status.ok()) return done(std::move(status));
  auto before = std::make_shared<RoleBinding>();  // shared by the steps
  GovernanceStream::Change change;
  change.stamp = std::move(stamp);
  change.plan = [this, id, comment, before]() -> Plan {
    const SnapshotPtr now = Snapshot();
    const RoleBinding* known = now->FindBinding(id);
    if (known == nullptr) return NotFound("role binding", id);
    *before = *known;
    return GovernanceStream::NewEvent{kRoleUnboundType, EncodeAccessEnded({id, comment})};
  };
  change.apply = [this, id](Timestamp) {
    Apply([&](AccessSnapshot& now) { now.RemoveBinding(id); });
  };
  change.done = [before, done = std::move(done)](absl::Status outcome) mutable {
    if (!outcome.ok()) return done(std::move(outcome));
    done(*before);
  };
  stream_.Submit(std::move(change));
}

}  // namespace nexus::identity
