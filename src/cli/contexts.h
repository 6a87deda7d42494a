#pragma once

// Named servers, in $XDG_CONFIG_HOME/nexus/contexts.yaml:
//
//   current: staging
//   contexts:
//     staging: {server: "staging:7070", token_file: /home/a/.nexus-token, ca: /etc/nexus/ca.pem}
//
// The file may hold tokens: it is written with mode 0600.

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nexus::cli {

struct Context {
  std::string server;
  std::string token;
  std::string token_file;
  bool tls = false;
  std::string ca = {};  // these three are names of files
  std::string cert = {};
  std::string key = {};

  friend bool operator==(const Context&, const Context&) = default;
};

struct Contexts {
  std::string current;  // may be empty
  std::map<std::string, Context> by_name;
};

// No contexts if there is no file. CONFIGURATION_INVALID with the line if it cannot be read as one.
absl::StatusOr<Contexts> LoadContexts(const std::string& path);

// Makes the folder; replaces the file at once.
absl::Status SaveContexts(const std::string& path, const Contexts& contexts);

// Whether others than the owner may read it.
bool ReadableByOthers(const std::string& path);

}  // namespace nexus::cli
