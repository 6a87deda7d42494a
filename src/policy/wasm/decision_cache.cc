#include "policy/wasm/decision_cache.h"

#include <utility>

namespace nexus::policy {
namespace {

// With what the containers add.
size_t BytesOf(absl::string_view key, const PolicyAnswer& answer) {
  size_t bytes = 160 + key.size() + answer.revision.size();
  for (const PolicyDenial& denial : answer.denials) {
    bytes += 64 + denial.rule.size() + denial.message.size();
  }
  return bytes;
}

}  // namespace

std::optional<PolicyAnswer> DecisionCache::Find(absl::string_view key) {
  if (!enabled()) return std::nullopt;
  const size_t hash = Entries::hasher()(key);
  Part& part = PartOf(hash);
  absl::MutexLock lock(&part.mutex);
  if (const auto found = part.young.find(key, hash); found != part.young.end()) {
    return found->second;
  }
  const auto found = part.old.find(key, hash);
  if (found == part.old.end()) return std::nullopt;
  PolicyAnswer answer = found->second;
  KeepYoung(part, found->first, answer);
  return answer;
}

void DecisionCache::Keep(std::string key, const PolicyAnswer& answer) {
  if (!enabled() || BytesOf(key, answer) > part_bytes_max_ / 4) return;
  Part& part = PartOf(Entries::hasher()(key));
  absl::MutexLock lock(&part.mutex);
  KeepYoung(part, std::move(key), answer);
}

void DecisionCache::KeepYoung(Part& part, std::string key, PolicyAnswer answer) {
  const size_t bytes = BytesOf(key, answer);
  if (part.young_bytes + bytes > part_bytes_max_) {
    part.old = std::exchange(part.young, {});
    part.old_bytes = std::exchange(part.young_bytes, 0);
  }
  if (part.young.try_emplace(std::move(key), std::move(answer)).second) part.young_bytes += bytes;
}

size_t DecisionCache::bytes() const {
  size_t bytes = 0;
  for (const Part& part : parts_) {
    absl::MutexLock lock(&part.mutex);
    bytes += part.young_bytes + part.old_bytes;
  }
  return bytes;
}

}  // namespace nexus::policy
