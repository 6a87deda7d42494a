#pragma once

// Operations by name, as findings show them.

#include <string>

#include "history/final_log.h"
#include "history/history.h"

namespace nexus::history {

std::string NameOf(const AppendCall& call);
std::string NameOf(const ReadCall& read);
std::string NameOf(const Session& session);
std::string NameOf(const LoggedCommit& commit);

}  // namespace nexus::history
