#pragma once

// The public keys of an issuer at one moment (RFC 7517, section 5). Immutable, hence thread-safe.

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "digest/sha256.h"
#include "identity/jwt/public_key.h"
#include "nexus/port/json_reader.h"

namespace nexus::identity {

inline constexpr size_t kJwkSetBytesMax = 256 << 10;
inline constexpr size_t kJwkSetKeysMax = 100;

class JwkSet {
 public:
  // Keys that cannot be used are passed over, and noted: an issuer may have others too.
  // MALFORMED_REQUEST if no key is left; LIMIT_EXCEEDED; MALFORMED_JSON.
  static absl::StatusOr<JwkSet> Parse(absl::string_view text, JsonReader& json);

  // Null if there is none of that id.
  const PublicKey* Find(absl::string_view key_id) const;

  size_t size() const { return by_id_.size(); }
  // Why keys were passed over: "keys[2] (old): ...".
  const std::vector<std::string>& notes() const { return notes_; }
  // The same for the same text only.
  const Sha256Digest& digest() const { return digest_; }

 private:
  absl::Status Add(const std::string& key_id,
                   const absl::flat_hash_map<std::string, JsonMember>& members);

  absl::flat_hash_map<std::string, PublicKey> by_id_;
  std::vector<std::string> notes_;
  Sha256Digest digest_ = {};
};

using JwkSetPtr = std::shared_ptr<const JwkSet>;  // a call keeps the keys it began with

// Where an issuer's keys come from. Thread-safe; neither function waits.
class KeySource {
 public:
  virtual ~KeySource() = default;

  // Null until the first ones are there.
  virtual JwkSetPtr Keys() const = 0;

  // A token names a key that is not among them. True if newer keys may be here soon.
  virtual bool Missed() = 0;
};

}  // namespace nexus::identity
