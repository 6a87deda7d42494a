#pragma once

// One public key of an issuer, and whether it made a signature.
//
// Immutable, hence thread-safe. OpenSSL does the arithmetic.

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "identity/jwt/signature_algorithm.h"
#include "nexus/port/json_reader.h"

struct evp_pkey_st;

namespace nexus::identity {

class PublicKey {
 public:
  // From the members of a JSON Web Key (RFC 7517). MALFORMED_REQUEST with what is wrong: not a key
  // for signatures, of a kind that is not taken, of RSA with less than 2048 or more than 8192 bits,
  // a point off its curve, or a private key that somebody has published.
  static absl::StatusOr<PublicKey> FromJwk(
      const absl::flat_hash_map<std::string, JsonMember>& members);

  // What kinds of signature it can have made, and may have by its own "alg".
  bool Fits(SignatureAlgorithm algorithm) const { return algorithms_.Contains(algorithm); }

  // Whether `signature` (as JOSE writes it) is this key's of `text`. False for an algorithm that
  // does not fit.
  bool Verify(SignatureAlgorithm algorithm, absl::string_view text,
              absl::string_view signature) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };
  using KeyPtr = std::unique_ptr<evp_pkey_st, Free>;

  PublicKey(KeyPtr key, AlgorithmSet algorithms) : key_(std::move(key)), algorithms_(algorithms) {}

  static absl::StatusOr<KeyPtr> Rsa(const absl::flat_hash_map<std::string, JsonMember>& members);
  static absl::StatusOr<KeyPtr> Ec(const absl::flat_hash_map<std::string, JsonMember>& members,
                                   AlgorithmSet& algorithms);
  static absl::StatusOr<KeyPtr> Okp(const absl::flat_hash_map<std::string, JsonMember>& members);

  KeyPtr key_;
  AlgorithmSet algorithms_;
};

}  // namespace nexus::identity
