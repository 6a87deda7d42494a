#include "tls/client_context.h"

#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "tls/pem.h"

namespace nexus::tls {

absl::StatusOr<ClientContextPtr> MakeClientContext(const std::string& ca_file) {
  ClientContextPtr context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  // What could not be sent is sent again from wherever it then stands.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  const int loaded = ca_file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                     : SSL_CTX_load_verify_file(context.get(), ca_file.c_str());
  if (loaded == 1) return context;
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat(ca_file, ": holds no certificates in PEM that can be read: ",
                                TakeOpenSslError()));
}

}  // namespace nexus::tls
