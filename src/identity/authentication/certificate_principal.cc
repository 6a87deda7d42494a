#include "identity/authentication/certificate_principal.h"

#include <string>
#include <vector>

#include "identity/unauthenticated.h"
#include "nexus/core/text.h"

namespace nexus::identity {
namespace {

constexpr size_t kNameBytesMax = 255;

const std::vector<std::string>& FirstGiven(const tls::PeerNames& names) {
  if (!names.uris.empty()) return names.uris;
  return names.dns_names.empty() ? names.common_names : names.dns_names;
}

}  // namespace

absl::StatusOr<Principal> PrincipalOfCertificate(const tls::PeerNames& names) {
  const std::vector<std::string>& given = FirstGiven(names);
  if (given.size() != 1) {
    return Unauthenticated(AuthFailure::kClaims,
                           given.empty() ? "the certificate names nobody"
                                         : "the certificate has several names of one kind");
  }
  const std::string& name = given.front();
  if (name.empty() || name.size() > kNameBytesMax || !IsPlainAscii(name) || name == "anonymous") {
    return Unauthenticated(AuthFailure::kClaims, "the certificate has a name that nobody may have");
  }
  Principal principal;
  principal.name = name;
  principal.method = "mtls";
  principal.authenticated = true;
  return principal;
}

}  // namespace nexus::identity
