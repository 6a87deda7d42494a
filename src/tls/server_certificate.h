#pragma once

// What this server shows to prove who it is, and whose clients it believes: read from files, and
// checked before anything uses it.

#include <string>

#include "absl/status/statusor.h"
#include "nexus/core/position.h"

namespace nexus::tls {

struct CertificateFiles {
  std::string certificate;  // PEM: the server's own first, then those that issued it
  std::string key;          // PEM, without a passphrase
  std::string client_ca;    // PEM: who may issue clients' certificates; empty: nobody
};

// PEM again, of exactly what was read.
struct ServerCertificate {
  std::string chain;
  std::string key;
  std::string client_ca;    // empty: none
  std::string fingerprint;  // SHA-256 of the server's own, hexadecimal
  Timestamp expires;
};

// CONFIGURATION_INVALID with the file and what is wrong with it: it cannot be read, key and
// certificate do not belong together, it has expired at `now` or is not valid yet, the key is too
// weak. No message holds any part of the key.
absl::StatusOr<ServerCertificate> LoadServerCertificate(const CertificateFiles& files,
                                                        Timestamp now);

}  // namespace nexus::tls
