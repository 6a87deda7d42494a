#include "tls/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace nexus::tls {
namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
using BioPtr = std::unique_ptr<BIO, FreeBio>;

BioPtr Reading(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

// Nobody is there to be asked for one.
int NoPassphrase(char*, int, int, void*) { return -1; }

bool AtEnd(unsigned long error) {
  return ERR_GET_LIB(error) == ERR_LIB_PEM && ERR_GET_REASON(error) == PEM_R_NO_START_LINE;
}

}  // namespace

std::string TakeOpenSslError() {
  const unsigned long error = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
  return reason == nullptr ? "no reason given" : reason;
}

absl::StatusOr<std::vector<CertificatePtr>> ReadCertificates(absl::string_view text) {
  ERR_clear_error();
  const BioPtr bio = Reading(text);
  std::vector<CertificatePtr> certificates;
  while (true) {
    CertificatePtr one(PEM_read_bio_X509(bio.get(), nullptr, NoPassphrase, nullptr));
    if (one == nullptr) break;
    certificates.push_back(std::move(one));
  }
  const bool at_end = AtEnd(ERR_peek_last_error());
  const std::string why = TakeOpenSslError();
  if (!at_end) {
    return absl::InvalidArgumentError(absl::StrCat("a certificate cannot be read: ", why));
  }
  if (certificates.empty()) return absl::InvalidArgumentError("holds no certificate in PEM");
  return certificates;
}

absl::StatusOr<PrivateKeyPtr> ReadPrivateKey(absl::string_view text) {
  ERR_clear_error();
  const BioPtr bio = Reading(text);
  PrivateKeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassphrase, nullptr));
  if (key == nullptr) {
    ERR_clear_error();
    // Not what OpenSSL says: it is about parsing, and this is a secret.
    return absl::InvalidArgumentError(
        "holds no private key in PEM that can be read without a passphrase");
  }
  return key;
}

std::string CertificatePem(const std::vector<CertificatePtr>& certificates) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  for (const CertificatePtr& one : certificates) PEM_write_bio_X509(bio.get(), one.get());
  return TextOf(bio.get());
}

std::string PrivateKeyPem(EVP_PKEY* key) {
  const BioPtr bio(BIO_new(BIO_s_secmem()));
  PEM_write_bio_PKCS8PrivateKey(bio.get(), key, nullptr, nullptr, 0, nullptr, nullptr);
  return TextOf(bio.get());
}

}  // namespace nexus::tls
