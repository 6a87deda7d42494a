#pragma once

// Who may do what. Everything here is an event in the stream `$access`; this is its folded state
// and its only writer on this server.
//
// Reading is cheap and thread-safe: a snapshot is immutable, and what a principal may do is
// compiled once for each state of the rules. A change holds for every call that begins after it was
// acknowledged. Callbacks run on the executor or on a thread of the log, and must not block.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "governance/governance_stream.h"
#include "governance/joint_commit.h"
#include "identity/access/access_snapshot.h"
#include "nexus/core/clock.h"
#include "nexus/core/event.h"
#include "nexus/core/id_source.h"
#include "nexus/core/secret_source.h"
#include "nexus/port/event_reader.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"
#include "nexus/port/log_backend.h"

namespace nexus::identity {

// All of it must outlive the registry.
struct AccessRegistryParts {
  LogBackend& log;
  EventReader& reader;
  JsonReader& json;
  Executor& executor;
  Clock& clock;
  IdSource& ids;
  SecretSource& secrets;
};

struct AccessRegistryOptions {
  size_t tokens_max = 100'000;  // the expired and revoked ones too
  size_t bindings_max = 10'000;
  size_t roles_max = 1'000;
  size_t compiled_max = 10'000;  // principals whose rights are kept compiled
  governance::GovernanceStreamOptions stream = {};
};

struct CreateTokenRequest {
  std::string principal;
  std::vector<std::string> roles = {};
  TokenScope scope = {};
  std::optional<Timestamp> expires = {};
  std::string comment = {};
};

// A role that is defined, or taken away.
struct RoleChange {
  Role role;
  bool removed = false;
  std::string comment = {};  // of a removal
};

struct CreatedToken {
  std::string text;  // secret; told once
  TokenRecordPtr record;
};

class AccessRegistry {
 public:
  template <typename Answer>
  using Done = absl::AnyInvocable<void(absl::StatusOr<Answer>)>;
  using SnapshotPtr = std::shared_ptr<const AccessSnapshot>;  // whoever looks at it keeps it
  using AccessPtr = std::shared_ptr<const Access>;            // calls keep what they began with

  explicit AccessRegistry(const AccessRegistryParts& parts, AccessRegistryOptions options = {});

  // Folds the whole stream; before anything else is called. DATA_LOSS, UNSUPPORTED_FORMAT.
  absl::Status Load();

  SnapshotPtr Snapshot() const;
  // The same object as long as the principal's rights are the same.
  AccessPtr AccessOf(const Principal& principal);
  // The owner of an API token. UNAUTHENTICATED with the cause.
  absl::StatusOr<Principal> Authenticate(absl::string_view token) const;
  // Whether the token of that id may still be used. UNAUTHENTICATED with the cause.
  absl::Status CheckStillUsable(absl::string_view token_id) const;

  // `done` of all that follows may run before the call returns. Errors of all: MALFORMED_NAME,
  // INVALID_UTF8, MALFORMED_REQUEST, LIMIT_EXCEEDED, NOT_FOUND, OVERLOADED, and what
  // LogBackend::Propose gives but REVISION_CONFLICT.

  void CreateToken(CreateTokenRequest request, AdmissionStamp stamp, Done<CreatedToken> done);
  // One that was minted elsewhere; `token` must say what it is but not who made it.
  void AddToken(TokenRecord token, AdmissionStamp stamp, Done<TokenRecordPtr> done);
  // Again: nothing happens.
  void RevokeToken(std::string id, std::string comment, AdmissionStamp stamp,
                   Done<TokenRecordPtr> done);

  // Built-in roles cannot be defined or removed, nor one that a binding names be removed.
  void DefineRole(Role role, AdmissionStamp stamp, Done<Role> done);
  void RemoveRole(std::string name, std::string comment, AdmissionStamp stamp, Done<Role> done);

  // As a part of a joint change; `wanted` is asked with each attempt. Errors as of the two above.
  using WantedRoles = std::function<absl::StatusOr<std::vector<RoleChange>>(const AccessSnapshot&)>;
  governance::JointPart RolesTogether(WantedRoles wanted);

  // The id is given here; a rule that is there already is answered with the binding that has it.
  void Bind(RoleBinding binding, AdmissionStamp stamp, Done<RoleBinding> done);
  void Unbind(std::string id, std::string comment, AdmissionStamp stamp, Done<RoleBinding> done);

  // Access events folded so far.
  uint64_t Epoch() const { return stream_.FoldedCount(); }

 private:
  using GovernanceStream = governance::GovernanceStream;
  using Plan = absl::StatusOr<std::optional<GovernanceStream::NewEvent>>;

  struct Compiled {
    Principal principal;
    AccessPtr access;
    uint64_t state;  // of the rules that it was compiled from
  };

  // Gives what `update` gives.
  template <typename Update>
  auto Apply(Update update) ABSL_LOCKS_EXCLUDED(mutex_) {
    absl::MutexLock lock(&mutex_);
    snapshot_.reset();
    ++state_;
    return update(now_);
  }
  absl::Status Fold(const RecordedEvent& event);
  absl::Status FoldEnd(const RecordedEvent& event);

  const AccessRegistryParts parts_;
  const AccessRegistryOptions options_;

  mutable absl::Mutex mutex_;
  AccessSnapshot now_ ABSL_GUARDED_BY(mutex_);
  // A copy of it, made when somebody asks: thousands of events may be folded before. Or null.
  mutable SnapshotPtr snapshot_ ABSL_GUARDED_BY(mutex_);
  uint64_t state_ ABSL_GUARDED_BY(mutex_) = 0;  // changes with every event
  // By a hash of the principal; of the present rules or of earlier ones.
  absl::flat_hash_map<size_t, Compiled> compiled_ ABSL_GUARDED_BY(mutex_);

  GovernanceStream stream_;
};

}  // namespace nexus::identity
