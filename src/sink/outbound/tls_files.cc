#include "sink/outbound/tls_files.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::sink {

absl::Status CheckTlsFiles(const TlsFiles& tls, absl::string_view key) {
  if (tls.certificate_file.empty() != tls.key_file.empty()) {
    return MakeError(
        ErrorReason::kConfigurationInvalid,
        absl::StrCat(key, " needs both a certificate_file and a key_file, or neither"));
  }
  const bool set =
      !tls.ca_file.empty() || !tls.certificate_file.empty() || !tls.server_name.empty();
  if (set && !tls.enabled) {
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat(key, " has files but is not enabled"));
  }
  return absl::OkStatus();
}

}  // namespace nexus::sink
