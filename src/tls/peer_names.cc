#include "tls/peer_names.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <memory>

#include "tls/pem.h"

namespace nexus::tls {
namespace {

struct FreeNames {
  void operator()(GENERAL_NAMES* names) const { GENERAL_NAMES_free(names); }
};

std::string TextOf(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

std::string Utf8Of(const ASN1_STRING* text) {
  unsigned char* utf8 = nullptr;
  const int size = ASN1_STRING_to_UTF8(&utf8, text);
  if (size < 0) return "";
  std::string copy(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  return copy;
}

void AddAlternativeNames(const X509* certificate, PeerNames& names) {
  const std::unique_ptr<GENERAL_NAMES, FreeNames> all(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; i < sk_GENERAL_NAME_num(all.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(all.get(), i);
    if (name->type == GEN_URI) names.uris.push_back(TextOf(name->d.uniformResourceIdentifier));
    if (name->type == GEN_DNS) names.dns_names.push_back(TextOf(name->d.dNSName));
  }
}

PeerNames NamesOf(const X509* certificate) {
  PeerNames names;
  AddAlternativeNames(certificate, names);
  const X509_NAME* subject = X509_get_subject_name(certificate);
  for (int at = -1; (at = X509_NAME_get_index_by_NID(subject, NID_commonName, at)) >= 0;) {
    names.common_names.push_back(
        Utf8Of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))));
  }
  return names;
}

}  // namespace

PeerNames NamesInPem(absl::string_view pem) {
  const auto certificates = ReadCertificates(pem);
  return certificates.ok() ? NamesOf(certificates->front().get()) : PeerNames();
}

std::optional<PeerNames> PeerNamesOf(const ssl_st* connection) {
  const CertificatePtr certificate(SSL_get1_peer_certificate(connection));
  if (certificate == nullptr || SSL_get_verify_result(connection) != X509_V_OK) {
    return std::nullopt;
  }
  return NamesOf(certificate.get());
}

}  // namespace nexus::tls
