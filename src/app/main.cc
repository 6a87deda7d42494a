// nexusd: reads its configuration, serves, and stops in order on SIGTERM or SIGINT.

#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_split.h"
#include "app/daemon.h"
#include "app/exit_code.h"
#include "config/command_line.h"
#include "config/config_command.h"
#include "config/environment.h"
#include "config/loader.h"

namespace {

// Blocked in every thread, so that sigwait() in this one gets them.
sigset_t BlockStopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

nexus::config::Environment ReadEnvironment() {
  nexus::config::Environment variables;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::pair<std::string, std::string> variable =
        absl::StrSplit(*entry, absl::MaxSplits('=', 1));
    variables.insert(variable);
  }
  return variables;
}

int Fail(const absl::Status& status) {
  std::cerr << "nexusd: " << status.message() << "\n";
  return nexus::app::ExitCodeOf(status);
}

}  // namespace

int main(int argc, char** argv) {
  const auto line = nexus::config::ParseCommandLine(argc, argv);
  if (!line.ok()) return Fail(line.status());
  const nexus::config::Environment environment = ReadEnvironment();
  if (const auto code = nexus::config::RunConfigCommand(*line, environment, nexus::app::kVersion,
                                                        std::cout, std::cerr)) {
    return *code;
  }
  const auto loaded = nexus::config::Load(nexus::config::InputOf(*line, environment));
  if (!loaded.ok()) return Fail(loaded.status());

  for (const std::string& note : loaded->notes) std::cerr << "nexusd: " << note << "\n";

  const sigset_t signals = BlockStopSignals();
  std::atomic<bool> fatal{false};
  auto daemon = nexus::app::Daemon::Start(
      loaded->config, environment.contains("NOTIFY_SOCKET") ? environment.at("NOTIFY_SOCKET") : "",
      [&fatal] {
        fatal = true;
        kill(getpid(), SIGTERM);
      });
  if (!daemon.ok()) return Fail(daemon.status());
  int signal = 0;
  sigwait(&signals, &signal);
  (*daemon)->Stop();
  return fatal ? nexus::app::kExitStorageFailed : nexus::app::kExitOk;
}
