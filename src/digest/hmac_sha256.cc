#include "digest/hmac_sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace nexus {

Sha256Digest HmacSha256(absl::string_view key, absl::string_view bytes) {
  Sha256Digest digest{};
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data(), &size);
  return digest;
}

}  // namespace nexus
