#include "tls/certificate_maker.h"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_join.h"
#include "gtest/gtest.h"

namespace nexus::fake {
namespace {

EVP_PKEY* NewKey() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  EXPECT_NE(key, nullptr);
  return key;
}

void SetName(X509_NAME* name, const std::string& common_name) {
  if (common_name.empty()) return;
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.data()),
                             static_cast<int>(common_name.size()), -1, 0);
}

void AddExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  EXPECT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

X509* NewCertificate(EVP_PKEY* key, int64_t begins_in, int64_t ends_in) {
  X509* certificate = X509_new();
  X509_set_version(certificate, X509_VERSION_3);
  uint32_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial + 1ull);
  X509_gmtime_adj(X509_getm_notBefore(certificate), begins_in);
  X509_gmtime_adj(X509_getm_notAfter(certificate), ends_in);
  X509_set_pubkey(certificate, key);
  return certificate;
}

template <typename Write>
std::string Pem(Write write) {
  BIO* bio = BIO_new(BIO_s_mem());
  write(bio);
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free(bio);
  return text;
}

std::string CertificatePem(X509* certificate) {
  return Pem([&](BIO* bio) { PEM_write_bio_X509(bio, certificate); });
}

}  // namespace

void CertificateMaker::Free::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void CertificateMaker::Free::operator()(x509_st* certificate) const { X509_free(certificate); }

CertificateMaker::CertificateMaker(const std::string& name) : key_(NewKey()) {
  issuer_.reset(NewCertificate(key_.get(), -3'600, 36'000));
  SetName(X509_get_subject_name(issuer_.get()), name);
  X509_set_issuer_name(issuer_.get(), X509_get_subject_name(issuer_.get()));
  AddExtension(issuer_.get(), NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(issuer_.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  X509_sign(issuer_.get(), key_.get(), EVP_sha256());
  ca_ = CertificatePem(issuer_.get());
}

CertificateMaker::~CertificateMaker() = default;

Certificate CertificateMaker::Make(const CertificateRequest& request) const {
  const std::unique_ptr<EVP_PKEY, Free> key(NewKey());
  const std::unique_ptr<X509, Free> made(
      NewCertificate(key.get(), request.begins_in, request.ends_in));
  SetName(X509_get_subject_name(made.get()), request.common_name);
  X509_set_issuer_name(made.get(), X509_get_subject_name(issuer_.get()));
  if (!request.names.empty()) {
    AddExtension(made.get(), NID_subject_alt_name, absl::StrJoin(request.names, ","));
  }
  X509_sign(made.get(), key_.get(), EVP_sha256());
  return {CertificatePem(made.get()), Pem([&](BIO* bio) {
            PEM_write_bio_PKCS8PrivateKey(bio, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
          })};
}

}  // namespace nexus::fake
