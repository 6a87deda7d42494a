#pragma once

// Who a client's certificate is.

#include "absl/status/statusor.h"
#include "identity/principal.h"
#include "tls/peer_names.h"

namespace nexus::identity {

// Of a certificate that TLS has verified: its one URI among the subject's alternative names; else
// the one DNS name; else the one common name. UNAUTHENTICATED with CLAIMS if it names several at
// the first of these that it has, nobody, or one that nobody may have: a certificate that can be
// read in two ways must not choose.
absl::StatusOr<Principal> PrincipalOfCertificate(const tls::PeerNames& names);

}  // namespace nexus::identity
