#pragma once

// From credentials to who calls and what he may do: API tokens, JSON Web Tokens, tokens of the
// configuration, certificates.
//
// Thread-safe; waits for nothing. The parts must outlive it.

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "identity/access/access_registry.h"
#include "identity/jwt/jwt_verifier.h"
#include "identity/principal.h"
#include "identity/token_table.h"
#include "tls/peer_names.h"

namespace nexus::identity {

// As they came with a call.
struct Credentials {
  absl::string_view authorization;  // of the header: "Bearer TOKEN"; empty: not there
  // Of a client's certificate that TLS has verified; null: none was shown.
  const tls::PeerNames* certificate = nullptr;
};

struct Identity {
  Principal principal;
  // Null: access is not controlled.
  AccessRegistry::AccessPtr access = nullptr;
  // Where a caller without credentials is, by identity::ClientNetwork: of nobody in particular
  // there are many, so each address has limits of its own. Set by who knows the connection.
  std::string address = {};

  absl::string_view account() const { return address.empty() ? principal.name : address; }
};

struct AuthenticatorParts {
  const TokenTable& configured;
  AccessRegistry* registry =
      nullptr;                 // null: there are no API tokens, and access is not controlled
  JwtVerifier* jwt = nullptr;  // null: no JSON Web Token is believed
  bool enforce = false;        // control access
};

class Authenticator {
 public:
  explicit Authenticator(const AuthenticatorParts& parts) : parts_(parts) {}

  // A token goes before a certificate, which then only let the connection in. Without either the
  // caller is anonymous, which is no error here: what anonymous may do is asked later.
  // UNAUTHENTICATED with the cause, NOT_READY.
  absl::StatusOr<Identity> Authenticate(const Credentials& credentials) const;

  // Whether a call that lasts may go on as it began: the token is still good and the rights are the
  // same. UNAUTHENTICATED with the cause, or NOT_READY: begin again.
  absl::Status Recheck(const Principal& principal, const AccessRegistry::AccessPtr& access) const;

 private:
  absl::StatusOr<Principal> PrincipalOf(const Credentials& credentials) const;

  const AuthenticatorParts parts_;
};

}  // namespace nexus::identity
