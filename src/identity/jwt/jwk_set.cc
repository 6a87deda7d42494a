#include "identity/jwt/jwk_set.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

constexpr size_t kKeyIdBytesMax = 255;

}  // namespace

absl::StatusOr<JwkSet> JwkSet::Parse(absl::string_view text, JsonReader& json) {
  if (text.size() > kJwkSetBytesMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a key set has at most ", kJwkSetBytesMax, " bytes"));
  }
  NEXUS_ASSIGN_OR_RETURN(const auto members, json.ReadObject(text));
  const auto keys = members.find("keys");
  if (keys == members.end() || keys->second.is_string) {
    return MakeError(ErrorReason::kMalformedRequest, "a key set has a list \"keys\"");
  }
  NEXUS_ASSIGN_OR_RETURN(const std::vector<JsonMember> items, json.ReadArray(keys->second.text));
  if (items.size() > kJwkSetKeysMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a key set has at most ", kJwkSetKeysMax, " keys"));
  }
  JwkSet set;
  set.digest_ = Sha256(text);
  for (size_t i = 0; i < items.size(); ++i) {
    std::string key_id;
    absl::Status added = MakeError(ErrorReason::kMalformedRequest, "a key is an object");
    if (auto key = json.ReadObject(items[i].text); !items[i].is_string && key.ok()) {
      if (const auto id = key->find("kid"); id != key->end() && id->second.is_string) {
        key_id = id->second.text;
      }
      added = set.Add(key_id, *key);
    }
    if (added.ok()) continue;
    set.notes_.push_back(absl::StrCat("keys[", i, "] (",
                                      JsonString(key_id.substr(0, kKeyIdBytesMax)),
                                      ") is passed over: ", added.message()));
  }
  if (set.by_id_.empty()) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("the key set has no key that can be used; ",
                                  set.notes_.empty() ? "it is empty" : set.notes_.front()));
  }
  return set;
}

absl::Status JwkSet::Add(const std::string& key_id,
                         const absl::flat_hash_map<std::string, JsonMember>& members) {
  if (key_id.empty() || key_id.size() > kKeyIdBytesMax) {
    return MakeError(ErrorReason::kMalformedRequest, "it has no \"kid\", or a huge one");
  }
  NEXUS_ASSIGN_OR_RETURN(PublicKey key, PublicKey::FromJwk(members));
  if (!by_id_.emplace(key_id, std::move(key)).second) {
    return MakeError(ErrorReason::kMalformedRequest, "another key has its \"kid\"");
  }
  return absl::OkStatus();
}

const PublicKey* JwkSet::Find(absl::string_view key_id) const {
  const auto found = by_id_.find(key_id);
  return found == by_id_.end() ? nullptr : &found->second;
}

}  // namespace nexus::identity
