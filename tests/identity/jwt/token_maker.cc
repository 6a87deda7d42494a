#include "identity/jwt/token_maker.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"

namespace nexus::fake {
namespace {

const unsigned char* Bytes(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string NumberOf(const EVP_PKEY* key, const char* name, int size = 0) {
  BIGNUM* number = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key, name, &number), 1) << name;
  std::string bytes(static_cast<size_t>(size > 0 ? size : BN_num_bytes(number)), '\0');
  BN_bn2binpad(number, reinterpret_cast<unsigned char*>(bytes.data()),
               static_cast<int>(bytes.size()));
  BN_free(number);
  return Base64Url(bytes);
}

const EVP_MD* HashOf(const std::string& algorithm) {
  if (algorithm == "EdDSA") return nullptr;
  if (absl::EndsWith(algorithm, "384")) return EVP_sha384();
  return absl::EndsWith(algorithm, "512") ? EVP_sha512() : EVP_sha256();
}

// From DER to two numbers.
std::string ToJose(const std::string& der, int size) {
  const unsigned char* at = Bytes(der);
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size()));
  std::string raw(2 * static_cast<size_t>(size), '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, size);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + size, size);
  ECDSA_SIG_free(signature);
  return raw;
}

}  // namespace

std::string Base64Url(absl::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(bytes, &text);
  while (!text.empty() && text.back() == '=') text.pop_back();
  return text;
}

void TokenMaker::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

TokenMaker::TokenMaker(std::string algorithm, std::string key_id, int rsa_bits)
    : algorithm_(std::move(algorithm)), key_id_(std::move(key_id)) {
  if (absl::StartsWith(algorithm_, "RS") || absl::StartsWith(algorithm_, "PS")) {
    key_.reset(EVP_RSA_gen(static_cast<unsigned>(rsa_bits)));
  } else if (absl::StartsWith(algorithm_, "ES")) {
    key_.reset(EVP_EC_gen(algorithm_ == "ES256" ? "P-256" : "P-384"));
  } else {
    key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
  }
  EXPECT_NE(key_, nullptr) << algorithm_;
}

TokenMaker::~TokenMaker() = default;
TokenMaker::TokenMaker(TokenMaker&&) noexcept = default;

std::string TokenMaker::Jwk(const std::string& extra) const {
  std::string members;
  if (absl::StartsWith(algorithm_, "RS") || absl::StartsWith(algorithm_, "PS")) {
    members = absl::StrCat(R"("kty":"RSA","n":")", NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_N),
                           R"(","e":")", NumberOf(key_.get(), OSSL_PKEY_PARAM_RSA_E), "\"");
  } else if (absl::StartsWith(algorithm_, "ES")) {
    const int size = algorithm_ == "ES256" ? 32 : 48;
    members = absl::StrCat(R"("kty":"EC","crv":")", size == 32 ? "P-256" : "P-384", R"(","x":")",
                           NumberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_X, size), R"(","y":")",
                           NumberOf(key_.get(), OSSL_PKEY_PARAM_EC_PUB_Y, size), "\"");
  } else {
    std::string raw(32, '\0');
    size_t size = raw.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
    members = absl::StrCat(R"("kty":"OKP","crv":"Ed25519","x":")", Base64Url(raw), "\"");
  }
  return absl::StrCat("{", members, R"(,"use":"sig","kid":")", key_id_, "\"", extra, "}");
}

std::string TokenMaker::Sign(const std::string& claims) const {
  return SignWith(
      absl::StrCat(R"({"alg":")", algorithm_, R"(","typ":"JWT","kid":")", key_id_, "\"}"), claims);
}

std::string TokenMaker::SignWith(const std::string& header, const std::string& claims) const {
  const std::string text = absl::StrCat(Base64Url(header), ".", Base64Url(claims));
  return absl::StrCat(text, ".", Base64Url(SignatureOf(text)));
}

std::string TokenMaker::SignatureOf(absl::string_view text) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  EXPECT_EQ(EVP_DigestSignInit(context, &key_context, HashOf(algorithm_), nullptr, key_.get()), 1);
  if (absl::StartsWith(algorithm_, "PS")) {
    EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST);
  }
  size_t size = 0;
  EXPECT_EQ(EVP_DigestSign(context, nullptr, &size, Bytes(text), text.size()), 1);
  std::string signature(size, '\0');
  EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                           Bytes(text), text.size()),
            1);
  signature.resize(size);
  EVP_MD_CTX_free(context);
  if (!absl::StartsWith(algorithm_, "ES")) return signature;
  return ToJose(signature, algorithm_ == "ES256" ? 32 : 48);
}

}  // namespace nexus::fake
