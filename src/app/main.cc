// nexusd: reads its configuration, serves, and stops in order on SIGTERM or SIGINT.

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <string>
#include <utility>

#include "absl/strings/str_split.h"
#include "absl/synchronization/mutex.h"
#include "app/daemon.h"
#include "app/exit_code.h"
#include "app/offline.h"
#include "app/recover_admin.h"
#include "config/command_line.h"
#include "config/config_command.h"
#include "config/environment.h"
#include "config/loader.h"
#include "schema/protobuf/library_log.h"

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
  // Debian builds Abseil with its search for lock cycles on, in gRPC's locks too: a tenth of the
  // CPU of an append. Test programs keep it.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);

  nexus::schema::SilenceProtobufLog();
  // gRPC writes a line of its own for each handshake that fails, and strangers choose how many.
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);

  const auto line = nexus::config::ParseCommandLine(argc, argv);
  if (!line.ok()) return Fail(line.status());
  const nexus::config::Environment environment = ReadEnvironment();
  if (const auto code = nexus::config::RunConfigCommand(*line, environment, nexus::app::kVersion,
                                                        std::cout, std::cerr)) {
    return *code;
  }
  const auto loaded = nexus::config::Load(nexus::config::InputOf(*line, environment));
  if (!loaded.ok()) return Fail(loaded.status());

  using Action = nexus::config::CommandLine::Action;
  const std::string& data = loaded->config.data;
  if (line->action == Action::kVerify) return nexus::app::RunVerify(data, std::cout, std::cerr);
  if (line->action == Action::kDoctor) {
    return nexus::app::RunDoctor(data, line->free_ballast, std::cout, std::cerr);
  }

  if (line->action == Action::kRecoverAdmin) {
    return nexus::app::RunRecoverAdmin(loaded->config, std::cout, std::cerr);
  }

  for (const std::string& note : loaded->notes) std::cerr << "nexusd: " << note << "\n";

  const sigset_t signals = BlockStopSignals();
  std::atomic<int> exit_code{nexus::app::kExitOk};
  nexus::app::Daemon::StartOptions options;
  if (environment.contains("NOTIFY_SOCKET")) {
    options.notify_socket = environment.at("NOTIFY_SOCKET");
  }
  if (line->accept_data_loss.has_value()) {
    options.accepted_loss = nexus::Position(*line->accept_data_loss);
  }
  options.on_fatal = [&exit_code](int code) {
    exit_code = code;
    kill(getpid(), SIGTERM);
  };
  auto daemon = nexus::app::Daemon::Start(loaded->config, std::move(options));
  if (!daemon.ok()) return Fail(daemon.status());
  int signal = 0;
  sigwait(&signals, &signal);
  (*daemon)->Stop();
  return exit_code;
}
