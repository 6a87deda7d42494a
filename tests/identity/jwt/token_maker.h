#pragma once

// An issuer of tokens for tests: keys, and whatever is signed with them.

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

struct evp_pkey_st;

namespace nexus::fake {

std::string Base64Url(absl::string_view bytes);

class TokenMaker {
 public:
  // "RS256", "PS256", "ES384", "EdDSA" and so on; RSA has `rsa_bits`.
  explicit TokenMaker(std::string algorithm, std::string key_id = "key-1", int rsa_bits = 2048);
  ~TokenMaker();
  TokenMaker(TokenMaker&&) noexcept;

  const std::string& algorithm() const { return algorithm_; }
  const std::string& key_id() const { return key_id_; }

  // The public key as a JSON Web Key; `extra` are more members, each with a comma before it.
  std::string Jwk(const std::string& extra = "") const;
  std::string KeySet() const { return "{\"keys\":[" + Jwk() + "]}"; }

  // A token with these claims, and the usual header.
  std::string Sign(const std::string& claims) const;
  std::string SignWith(const std::string& header, const std::string& claims) const;
  // The signature of any text, as JOSE writes it.
  std::string SignatureOf(absl::string_view text) const;

 private:
  struct Free {
    void operator()(evp_pkey_st* key) const;
  };

  std::string algorithm_;
  std::string key_id_;
  std::unique_ptr<evp_pkey_st, Free> key_;
};

}  // namespace nexus::fake
