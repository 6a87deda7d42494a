#include "identity/jwt/verified_tokens.h"

#include <algorithm>
#include <utility>

namespace nexus::identity {

VerifiedTokens::VerifiedTokens(size_t tokens_max)
    : young_max_(std::max<size_t>(1, tokens_max / (2 * kShards))) {}

std::optional<VerifiedToken> VerifiedTokens::Find(const Digest& token, Timestamp now) {
  Shard& shard = ShardOf(token);
  absl::MutexLock lock(&shard.mutex);
  for (Map* map : {&shard.young, &shard.old}) {
    const auto found = map->find(token);
    if (found == map->end()) continue;
    if (found->second.until <= now) {
      map->erase(found);
      return std::nullopt;
    }
    VerifiedToken verified = found->second;
    if (map == &shard.old) Keep(shard, token, verified);
    return verified;
  }
  return std::nullopt;
}

void VerifiedTokens::Add(const Digest& token, VerifiedToken verified) {
  Shard& shard = ShardOf(token);
  absl::MutexLock lock(&shard.mutex);
  Keep(shard, token, std::move(verified));
}

void VerifiedTokens::Keep(Shard& shard, const Digest& token, VerifiedToken verified) {
  if (shard.young.size() >= young_max_) {
    shard.old = std::move(shard.young);
    shard.young.clear();
  }
  shard.old.erase(token);
  shard.young.insert_or_assign(token, std::move(verified));
}

void VerifiedTokens::Remove(const Digest& token) {
  Shard& shard = ShardOf(token);
  absl::MutexLock lock(&shard.mutex);
  shard.young.erase(token);
  shard.old.erase(token);
}

size_t VerifiedTokens::size() const {
  size_t total = 0;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    total += shard.young.size() + shard.old.size();
  }
  return total;
}

}  // namespace nexus::identity
