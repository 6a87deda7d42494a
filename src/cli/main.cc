// nexusctl: the machine around RunNexusctl().

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <functional>
#include <iostream>
#include <string>
#include <thread>

#include "cli/exit_code.h"
#include "cli/nexusctl.h"
#include "nexus/core/random_ids.h"
#include "nexus/core/system_clock.h"
#include "schema/protobuf/library_log.h"

namespace {

std::string Environment(const std::string& name) {
  const char* value = getenv(name.c_str());
  return value == nullptr ? "" : value;
}

// Before any thread starts, so that all of them leave these signals to the one that waits.
sigset_t BlockSignals() {
  signal(SIGPIPE, SIG_IGN);
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1}) sigaddset(&set, number);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

// The first signal asks the command to stop in order; the second, or one that no command watches
// for, ends the process. SIGUSR1 is main's own: the command has ended.
void WaitForSignals(sigset_t set, nexus::cli::StopSignal& stop) {
  int number = 0;
  sigwait(&set, &number);
  if (number == SIGUSR1) return;
  if (stop.Request()) sigwait(&set, &number);
  if (number != SIGUSR1) _exit(static_cast<int>(nexus::cli::ExitCode::kInterrupted));
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  nexus::schema::SilenceProtobufLog();
  setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);  // errors are told by the command
  nexus::SystemClock clock;
  nexus::RandomIds ids(clock);
  nexus::cli::StopSignal stop;
  std::thread waiter(WaitForSignals, BlockSignals(), std::ref(stop));
  nexus::cli::Surroundings surroundings{std::cin,
                                        std::cout,
                                        std::cerr,
                                        isatty(STDOUT_FILENO) == 1,
                                        isatty(STDERR_FILENO) == 1,
                                        Environment,
                                        clock,
                                        ids,
                                        stop};
  const int code = nexus::cli::RunNexusctl({argv + 1, argv + argc}, surroundings);
  pthread_kill(waiter.native_handle(), SIGUSR1);
  waiter.join();
  return code;
}
