#pragma once

// Certificates and keys from PEM text, and back.

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::tls {

struct FreeOpenSsl {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
using CertificatePtr = std::unique_ptr<X509, FreeOpenSsl>;
using PrivateKeyPtr = std::unique_ptr<EVP_PKEY, FreeOpenSsl>;

// All certificates of `text`, in order; what else stands there is passed over. kInvalidArgument if
// there is none, or one that cannot be read.
absl::StatusOr<std::vector<CertificatePtr>> ReadCertificates(absl::string_view text);

// The first private key. kInvalidArgument; one that asks for a passphrase too.
absl::StatusOr<PrivateKeyPtr> ReadPrivateKey(absl::string_view text);

std::string CertificatePem(const std::vector<CertificatePtr>& certificates);
std::string PrivateKeyPem(EVP_PKEY* key);

// What OpenSSL says about its last error; and forgets it.
std::string TakeOpenSslError();

}  // namespace nexus::tls
