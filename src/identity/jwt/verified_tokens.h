#pragma once

// Tokens whose signature was found good, by digest: looking one up costs a hash, not a signature.
//
// Bounded: two generations, of which the older one goes when the younger is full; what is used
// stays. Thread-safe.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "digest/sha256.h"
#include "identity/jwt/jwk_set.h"
#include "identity/principal.h"
#include "nexus/core/position.h"

namespace nexus::identity {

using PrincipalPtr = std::shared_ptr<const Principal>;  // of all calls that bear one token

struct VerifiedToken {
  PrincipalPtr principal;
  Timestamp until;    // when it must be verified again
  size_t issuer = 0;  // which of the verifier's
  JwkSetPtr keys;     // among which its key was
};

class VerifiedTokens {
 public:
  using Digest = Sha256Digest;  // of the token

  explicit VerifiedTokens(size_t tokens_max);

  // Nothing if it is not known or over at `now`.
  std::optional<VerifiedToken> Find(const Digest& token, Timestamp now);
  void Add(const Digest& token, VerifiedToken verified);
  void Remove(const Digest& token);

  size_t size() const;

 private:
  using Map = absl::flat_hash_map<Digest, VerifiedToken>;
  struct Shard {
    mutable absl::Mutex mutex;
    Map young ABSL_GUARDED_BY(mutex);
    Map old ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  Shard& ShardOf(const Digest& digest) { return shards_[digest[0] % kShards]; }
  void Keep(Shard& shard, const Digest& token, VerifiedToken verified)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const size_t young_max_;  // of a shard
  std::array<Shard, kShards> shards_;
};

}  // namespace nexus::identity
