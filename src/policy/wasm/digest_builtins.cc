// crypto.md5, crypto.sha1, crypto.sha256, crypto.hmac.*

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "absl/strings/escaping.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

using Operands = absl::Span<const RegoValue>;
using Bytes = std::array<unsigned char, EVP_MAX_MD_SIZE>;

RegoValue Hexadecimal(const Bytes& digest, unsigned int size) {
  return RegoValue::String(
      absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), size}));
}

template <const EVP_MD* (*kKind)()>
absl::StatusOr<RegoValue> Digest(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  Bytes digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, kKind(), nullptr);
  return Hexadecimal(digest, size);
}

template <const EVP_MD* (*kKind)()>
absl::StatusOr<RegoValue> Hmac(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view text, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view key, StringOperand(operands, 1));
  Bytes digest{};
  unsigned int size = 0;
  HMAC(kKind(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return Hexadecimal(digest, size);
}

absl::StatusOr<RegoValue> HmacEqual(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view a, StringOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const absl::string_view b, StringOperand(operands, 1));
  return RegoValue::Boolean(a.size() == b.size() &&
                            CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0);
}

constexpr std::array kDigestBuiltins = {
    NamedBuiltin{"crypto.md5", 1, &Digest<&EVP_md5>},
    NamedBuiltin{"crypto.sha1", 1, &Digest<&EVP_sha1>},
    NamedBuiltin{"crypto.sha256", 1, &Digest<&EVP_sha256>},
    NamedBuiltin{"crypto.hmac.md5", 2, &Hmac<&EVP_md5>},
    NamedBuiltin{"crypto.hmac.sha1", 2, &Hmac<&EVP_sha1>},
    NamedBuiltin{"crypto.hmac.sha256", 2, &Hmac<&EVP_sha256>},
    NamedBuiltin{"crypto.hmac.sha512", 2, &Hmac<&EVP_sha512>},
    NamedBuiltin{"crypto.hmac.equal", 2, &HmacEqual},
};

}  // namespace

absl::Span<const NamedBuiltin> DigestBuiltins() { return kDigestBuiltins; }

}  // namespace nexus::policy
