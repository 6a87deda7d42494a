#pragma once

// nexusd recover-admin: the way back in for whoever has lost all tokens and owns the data folder.

#include <ostream>

#include "config/nexus_config.h"

namespace nexus::app {

// Makes a new administrator's token for a server that does not run, in the file where the first one
// was. The log says that it was made so. Gives the exit code. Refuses while a daemon holds the
// folder, and to anybody but the folder's owner: files of another user would keep the daemon from
// starting.
int RunRecoverAdmin(const config::NexusConfig& config, std::ostream& out, std::ostream& err);

}  // namespace nexus::app
