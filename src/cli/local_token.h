#pragma once

// The administrator's token of a server on this machine whose data folder is ours to read.

#include <string>

namespace nexus::cli {

// What stands in FOLDER/admin.token, if FOLDER/endpoints.json says that the server at exactly
// `address` runs from that folder. Empty otherwise: a token goes to nobody but its own server.
std::string FindLocalToken(const std::string& folder, const std::string& address);

}  // namespace nexus::cli
