#pragma once

// The administrator's token: of a new server, and of one whose tokens were lost.

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "config/nexus_config.h"
#include "identity/access/access_registry.h"
#include "nexus/core/secret_source.h"

namespace nexus::app {

// Where it is written.
std::string AdminTokenFile(const config::NexusConfig& config);

// Makes one, in a file of mode 0600 at `path`, made by `principal` with `comment`. The file is
// there before the token is good. Waits for the log. kInternal if the file cannot be written.
absl::Status MakeAdminToken(identity::AccessRegistry& access, SecretSource& secrets,
                            const std::string& path, const std::string& principal,
                            const std::string& comment);

// Makes one if nobody has been given anything yet; says whether it did. A crash in between makes
// another at the next start.
absl::StatusOr<bool> MakeFirstToken(identity::AccessRegistry& access, SecretSource& secrets,
                                    const std::string& path);

}  // namespace nexus::app
