#include "identity/jwt/public_key.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "identity/jwt/base64url.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {
namespace {

using Members = absl::flat_hash_map<std::string, JsonMember>;

// What is smaller is broken, what is larger only costs time.
constexpr int kRsaBitsMin = 2'048;
constexpr int kRsaBitsMax = 8'192;
constexpr size_t kExponentBytesMax = 8;
constexpr size_t kEd25519Bytes = 32;

struct FreeBn {
  void operator()(BIGNUM* n) const { BN_free(n); }
};
struct FreeBuilder {
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
};
struct FreeParams {
  void operator()(OSSL_PARAM* params) const { OSSL_PARAM_free(params); }
};
struct FreeContext {
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
};
using BnPtr = std::unique_ptr<BIGNUM, FreeBn>;
using BuilderPtr = std::unique_ptr<OSSL_PARAM_BLD, FreeBuilder>;
using ParamsPtr = std::unique_ptr<OSSL_PARAM, FreeParams>;
using ContextPtr = std::unique_ptr<EVP_PKEY_CTX, FreeContext>;

absl::Status WrongKey(absl::string_view what) {
  return MakeError(ErrorReason::kMalformedRequest, what);
}

// Empty: not there.
std::string KeyText(const Members& members, absl::string_view name) {
  const auto found = members.find(name);
  return found == members.end() || !found->second.is_string ? "" : found->second.text;
}

absl::StatusOr<std::string> KeyBytes(const Members& members, absl::string_view name) {
  const std::optional<std::string> bytes = DecodeBase64Url(KeyText(members, name));
  if (!bytes.has_value() || bytes->empty()) {
    return WrongKey(absl::StrCat("\"", name, "\" is not base64url"));
  }
  return *bytes;
}

BnPtr Number(const std::string& bytes) {
  return BnPtr(BN_bin2bn(reinterpret_cast<const unsigned char*>(bytes.data()),
                         static_cast<int>(bytes.size()), nullptr));
}

// Null if OpenSSL does not take them.
EVP_PKEY* KeyFrom(const char* kind, OSSL_PARAM_BLD* builder) {
  const ParamsPtr params(OSSL_PARAM_BLD_to_param(builder));
  const ContextPtr context(EVP_PKEY_CTX_new_from_name(nullptr, kind, nullptr));
  EVP_PKEY* key = nullptr;
  const bool made = params != nullptr && context != nullptr &&
                    EVP_PKEY_fromdata_init(context.get()) == 1 &&
                    EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) == 1;
  ERR_clear_error();
  return made ? key : nullptr;
}

bool IsSound(EVP_PKEY* key) {
  const ContextPtr context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  const bool sound = context != nullptr && EVP_PKEY_public_check(context.get()) == 1;
  ERR_clear_error();
  return sound;
}

AlgorithmSet RsaAlgorithms() {
  using enum SignatureAlgorithm;
  return {kRs256, kRs384, kRs512, kPs256};
}

}  // namespace

void PublicKey::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

absl::StatusOr<PublicKey::KeyPtr> PublicKey::Rsa(const Members& members) {
  NEXUS_ASSIGN_OR_RETURN(const std::string modulus, KeyBytes(members, "n"));
  NEXUS_ASSIGN_OR_RETURN(const std::string exponent, KeyBytes(members, "e"));
  if (modulus.size() > kRsaBitsMax / 8 + 1 || exponent.size() > kExponentBytesMax) {
    return WrongKey("an RSA key of more than 8192 bits, or with a huge exponent, is not taken");
  }
  const BnPtr n = Number(modulus);
  const BnPtr e = Number(exponent);
  const int bits = BN_num_bits(n.get());
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return WrongKey(absl::StrCat("an RSA key has 2048 to 8192 bits; this one has ", bits));
  }
  if (!BN_is_odd(e.get()) || BN_is_one(e.get())) return WrongKey("\"e\" is no exponent of RSA");
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  KeyPtr key(KeyFrom("RSA", builder.get()));
  if (key == nullptr) return WrongKey("\"n\" and \"e\" make no RSA key");
  return key;
}

absl::StatusOr<PublicKey::KeyPtr> PublicKey::Ec(const Members& members, AlgorithmSet& algorithms) {
  const std::string curve = KeyText(members, "crv");
  const bool is_256 = curve == "P-256";
  if (!is_256 && curve != "P-384") return WrongKey("of curves, P-256 and P-384 are taken");
  algorithms =
      is_256 ? AlgorithmSet{SignatureAlgorithm::kEs256} : AlgorithmSet{SignatureAlgorithm::kEs384};
  const size_t size = is_256 ? 32 : 48;
  NEXUS_ASSIGN_OR_RETURN(const std::string x, KeyBytes(members, "x"));
  NEXUS_ASSIGN_OR_RETURN(const std::string y, KeyBytes(members, "y"));
  if (x.size() != size || y.size() != size) return WrongKey("\"x\" and \"y\" have a wrong length");
  const std::string point = absl::StrCat("\x04", x, y);
  const BuilderPtr builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME,
                                  is_256 ? "prime256v1" : "secp384r1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  KeyPtr key(KeyFrom("EC", builder.get()));
  if (key == nullptr || !IsSound(key.get()))
    return WrongKey("\"x\" and \"y\" are not on the curve");
  return key;
}

absl::StatusOr<PublicKey::KeyPtr> PublicKey::Okp(const Members& members) {
  if (KeyText(members, "crv") != "Ed25519") return WrongKey("of these curves, Ed25519 is taken");
  NEXUS_ASSIGN_OR_RETURN(const std::string x, KeyBytes(members, "x"));
  if (x.size() != kEd25519Bytes) return WrongKey("\"x\" has a wrong length");
  KeyPtr key(EVP_PKEY_new_raw_public_key(
      EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(x.data()), x.size()));
  ERR_clear_error();
  if (key == nullptr) return WrongKey("\"x\" is no Ed25519 key");
  return key;
}

absl::StatusOr<PublicKey> PublicKey::FromJwk(const Members& members) {
  if (members.contains("d") || members.contains("k")) {
    return WrongKey("it holds a secret; an issuer publishes public keys only");
  }
  const std::string use = KeyText(members, "use");
  if (!use.empty() && use != "sig") return WrongKey("it is not for signatures");
  const std::string kind = KeyText(members, "kty");
  AlgorithmSet algorithms;
  absl::StatusOr<KeyPtr> key = WrongKey(absl::StrCat("keys of kind \"", kind, "\" are not taken"));
  if (kind == "RSA") {
    algorithms = RsaAlgorithms();
    key = Rsa(members);
  } else if (kind == "EC") {
    key = Ec(members, algorithms);
  } else if (kind == "OKP") {
    algorithms = {SignatureAlgorithm::kEdDsa};
    key = Okp(members);
  }
  if (!key.ok()) return key.status();
  if (const std::string stated = KeyText(members, "alg"); !stated.empty()) {
    const std::optional<SignatureAlgorithm> algorithm = ParseSignatureAlgorithm(stated);
    if (!algorithm.has_value() || !algorithms.Contains(*algorithm)) {
      return WrongKey("its algorithm is not taken, or not one of such a key");
    }
    algorithms = {*algorithm};
  }
  return PublicKey(*std::move(key), algorithms);
}

}  // namespace nexus::identity
