#pragma once

// How a sink and its broker prove to each other who they are.

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

struct TlsFiles {
  bool enabled = false;
  std::string ca_file = {};           // PEM; empty: what the system trusts
  std::string certificate_file = {};  // PEM, this client's own; empty: none is shown
  std::string key_file = {};          // PEM, without a passphrase
  std::string server_name = {};       // that the certificate must have; empty: the host
};

// CONFIGURATION_INVALID for one of a pair without the other, and for files without TLS. `key` names
// the option in messages.
absl::Status CheckTlsFiles(const TlsFiles& tls, absl::string_view key);

}  // namespace nexus::sink
