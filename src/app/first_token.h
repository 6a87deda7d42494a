#pragma once

// The administrator's token of a new server.

#include <string>

#include "absl/status/statusor.h"
#include "identity/access/access_registry.h"
#include "nexus/core/secret_source.h"

namespace nexus::app {

// Makes one, in a file of mode 0600 at `path`, if nobody has been given anything yet; says whether
// it did. The file is there before the token is good: a crash between the two makes another at the
// next start. Waits for the log. kInternal if the file cannot be written.
absl::StatusOr<bool> MakeFirstToken(identity::AccessRegistry& access, SecretSource& secrets,
                                    const std::string& path);

}  // namespace nexus::app
