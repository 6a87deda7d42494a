// Checking a signature with OpenSSL.

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>

#include "identity/jwt/public_key.h"

namespace nexus::identity {
namespace {

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
struct FreeSignature {
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
using DigestPtr = std::unique_ptr<EVP_MD_CTX, FreeDigest>;
using SignaturePtr = std::unique_ptr<ECDSA_SIG, FreeSignature>;

const unsigned char* Octets(absl::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// Null for EdDSA, which hashes by itself.
const EVP_MD* HashOf(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRs256:
    case SignatureAlgorithm::kPs256:
    case SignatureAlgorithm::kEs256:
      return EVP_sha256();
    case SignatureAlgorithm::kRs384:
    case SignatureAlgorithm::kEs384:
      return EVP_sha384();
    case SignatureAlgorithm::kRs512:
      return EVP_sha512();
    case SignatureAlgorithm::kEdDsa:
      return nullptr;
  }
  return nullptr;
}

// JOSE has two numbers of fixed length, OpenSSL wants them in DER. Empty if they are not that.
std::string ToDer(absl::string_view raw, size_t number_bytes) {
  if (raw.size() != 2 * number_bytes) return "";
  const SignaturePtr signature(ECDSA_SIG_new());
  BIGNUM* r = BN_bin2bn(Octets(raw), static_cast<int>(number_bytes), nullptr);
  BIGNUM* s = BN_bin2bn(Octets(raw.substr(number_bytes)), static_cast<int>(number_bytes), nullptr);
  // It owns both from here on.
  if (r == nullptr || s == nullptr || ECDSA_SIG_set0(signature.get(), r, s) != 1) {
    BN_free(r);
    BN_free(s);
    return "";
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return "";
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

bool SetPssPadding(EVP_PKEY_CTX* context) {
  // The salt is as long as the hash (RFC 7518, section 3.5).
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

bool PublicKey::Verify(SignatureAlgorithm algorithm, absl::string_view text,
                       absl::string_view signature) const {
  if (!Fits(algorithm)) return false;
  std::string der;
  if (algorithm == SignatureAlgorithm::kEs256 || algorithm == SignatureAlgorithm::kEs384) {
    der = ToDer(signature, algorithm == SignatureAlgorithm::kEs256 ? 32 : 48);
    if (der.empty()) return false;
    signature = der;
  }
  const DigestPtr context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // of `context`
  bool good =
      context != nullptr && EVP_DigestVerifyInit(context.get(), &key_context, HashOf(algorithm),
                                                 nullptr, key_.get()) == 1;
  if (good && algorithm == SignatureAlgorithm::kPs256) good = SetPssPadding(key_context);
  good = good && EVP_DigestVerify(context.get(), Octets(signature), signature.size(), Octets(text),
                                  text.size()) == 1;
  // OpenSSL keeps a list for each thread; a flood of bad tokens must not fill it.
  ERR_clear_error();
  return good;
}

}  // namespace nexus::identity
