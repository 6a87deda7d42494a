#pragma once

// The program, less its main(): a command line in, an exit code out.

#include <string>
#include <vector>

#include "cli/surroundings.h"

namespace nexus::cli {

// `arguments` without the program's name.
int RunNexusctl(std::vector<std::string> arguments, Surroundings& surroundings);

}  // namespace nexus::cli
