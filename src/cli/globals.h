#pragma once

// The options that every command takes, and how they are found: flag, else environment, else
// context, else default.

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "cli/output.h"
#include "cli/surroundings.h"
#include "nexus/client/tls.h"

namespace nexus::cli {

// As the command line has them; empty: not given.
struct GlobalFlags {
  std::string server;
  std::string context;
  std::string token;
  std::string token_file;
  bool tls = false;
  std::string ca;
  std::string cert;
  std::string key;
  std::string timeout;
  std::string output;
  bool no_color = false;
  bool quiet = false;
  bool verbose = false;
};

struct Settings {
  GlobalFlags flags;
  std::string server;
  std::string token;
  std::optional<client::ClientTls> tls;
  absl::Duration timeout = absl::Seconds(10);
  bool timeout_given = false;
  std::string context;        // in use; may be empty
  std::string contexts_path;  // empty: neither XDG_CONFIG_HOME nor HOME is set
  OutputStyle out;
  OutputStyle err;  // JSON only where -o asks for it
  bool quiet = false;
  bool verbose = false;
};

// The flags, formats and the path of the contexts file: what a command without a server needs too.
absl::StatusOr<Settings> ResolveStyle(const GlobalFlags& flags, const Surroundings& surroundings);

// Server, TLS, token and timeout, on top of ResolveStyle().
absl::Status ResolveServer(const Surroundings& surroundings, Settings& settings);

// "250ms", "10s", "2m", or a plain number of seconds. Usage error otherwise, or if it is not
// positive.
absl::StatusOr<absl::Duration> ParseDuration(const std::string& text);

}  // namespace nexus::cli
