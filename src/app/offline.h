#pragma once

// What is done to the data folder of a daemon that does not run: nexusd verify, nexusd doctor.

#include <ostream>
#include <string>

namespace nexus::app {

// Reads the whole log and changes nothing but the folder's lock. Findings and the result go to
// `out`, progress to `err`. Gives the exit code: 65 if anything is wrong.
int RunVerify(const std::string& data_folder, std::ostream& out, std::ostream& err);

// Says how the disk and the log stand, and removes the ballast file if `free_ballast`.
int RunDoctor(const std::string& data_folder, bool free_ballast, std::ostream& out,
              std::ostream& err);

}  // namespace nexus::app
