#include "tls/server_certificate.h"

#include <openssl/asn1.h>

#include <array>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <sstream>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "tls/pem.h"
#include "tls/server_context.h"

namespace nexus::tls {
namespace {

constexpr size_t kFileBytesMax = 1 << 20;
constexpr int64_t kSecond = 1'000'000;

absl::Status Invalid(const std::string& file, absl::string_view why) {
  return MakeError(ErrorReason::kConfigurationInvalid, absl::StrCat(file, ": ", why));
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Invalid(path, "cannot be read");
  std::string text(kFileBytesMax + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(file.gcount()));
  if (text.size() > kFileBytesMax) return Invalid(path, "is larger than 1 MiB");
  return text;
}

absl::StatusOr<std::vector<CertificatePtr>> CertificatesOf(const std::string& path) {
  NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto certificates = ReadCertificates(text);
  if (!certificates.ok()) return Invalid(path, certificates.status().message());
  return certificates;
}

absl::StatusOr<PrivateKeyPtr> KeyOf(const std::string& path) {
  NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  auto key = ReadPrivateKey(text);
  if (!key.ok()) return Invalid(path, key.status().message());
  return key;
}

Timestamp TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return Timestamp{0};
  return Timestamp{static_cast<int64_t>(timegm(&parts)) * kSecond};
}

absl::Status CheckValidAt(const std::string& path, const X509* certificate, Timestamp now) {
  if (now < TimeOf(X509_get0_notBefore(certificate))) return Invalid(path, "is not valid yet");
  if (TimeOf(X509_get0_notAfter(certificate)) <= now) return Invalid(path, "has expired");
  return absl::OkStatus();
}

std::string FingerprintOf(const X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  unsigned size = 0;
  X509_digest(certificate, EVP_sha256(), digest.data(), &size);
  return absl::BytesToHexString({reinterpret_cast<const char*>(digest.data()), size});
}

}  // namespace

absl::StatusOr<ServerCertificate> LoadServerCertificate(const CertificateFiles& files,
                                                        Timestamp now) {
  NEXUS_ASSIGN_OR_RETURN(const auto chain, CertificatesOf(files.certificate));
  NEXUS_ASSIGN_OR_RETURN(const PrivateKeyPtr key, KeyOf(files.key));
  const X509* own = chain.front().get();
  NEXUS_RETURN_IF_ERROR(CheckValidAt(files.certificate, own, now));
  if (X509_check_private_key(own, key.get()) != 1) {
    TakeOpenSslError();
    return Invalid(files.key, absl::StrCat("is not the key of ", files.certificate));
  }
  ServerCertificate loaded;
  loaded.chain = CertificatePem(chain);
  loaded.key = PrivateKeyPem(key.get());
  loaded.fingerprint = FingerprintOf(own);
  loaded.expires = TimeOf(X509_get0_notAfter(own));
  if (!files.client_ca.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const auto issuers, CertificatesOf(files.client_ca));
    loaded.client_ca = CertificatePem(issuers);
  }
  // What a handshake would not take is refused here, and told.
  const auto context = MakeServerContext(loaded, ClientCertificates::kNone);
  if (!context.ok()) return Invalid(files.certificate, context.status().message());
  return loaded;
}

}  // namespace nexus::tls
