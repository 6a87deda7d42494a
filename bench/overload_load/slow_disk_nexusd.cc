// nexusd on a disk that becomes slow on SIGUSR1 and quick again on SIGUSR2; everything else is as
// in the real one. How slow: NEXUS_BENCH_SYNC_US and NEXUS_BENCH_BYTES_PER_SECOND.

#include <pthread.h>
#include <rocksdb/env.h>
#include <signal.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "absl/synchronization/mutex.h"
#include "app/daemon.h"
#include "config/command_line.h"
#include "config/config_command.h"
#include "config/loader.h"
#include "overload_load/throttled_file_system.h"
#include "schema/protobuf/library_log.h"

namespace {

int64_t FromEnvironment(const char* name) {
  const char* text = std::getenv(name);
  return text == nullptr ? 0 : std::atoll(text);
}

int Fail(const absl::Status& status) {
  std::cerr << "slow_disk_nexusd: " << status.message() << "\n";
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  nexus::schema::SilenceProtobufLog();
  const auto line = nexus::config::ParseCommandLine(argc, argv);
  if (!line.ok()) return Fail(line.status());
  const auto loaded = nexus::config::Load(nexus::config::InputOf(*line, {}));
  if (!loaded.ok()) return Fail(loaded.status());
  sigset_t signals;
  sigemptyset(&signals);
  for (const int one : {SIGTERM, SIGINT, SIGUSR1, SIGUSR2}) sigaddset(&signals, one);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);

  nexus::bench::ThrottledFileSystem::Pace pace;
  const std::unique_ptr<rocksdb::Env> env =
      rocksdb::NewCompositeEnv(std::make_shared<nexus::bench::ThrottledFileSystem>(pace));
  nexus::app::Daemon::StartOptions options;
  options.env_for_test = env.get();
  auto daemon = nexus::app::Daemon::Start(loaded->config, std::move(options));
  if (!daemon.ok()) return Fail(daemon.status());
  for (int which = 0; sigwait(&signals, &which) == 0 && which != SIGTERM && which != SIGINT;) {
    const bool slow = which == SIGUSR1;
    pace.sync_micros = slow ? FromEnvironment("NEXUS_BENCH_SYNC_US") : 0;
    pace.bytes_per_second = slow ? FromEnvironment("NEXUS_BENCH_BYTES_PER_SECOND") : 0;
  }
  (*daemon)->Stop();
  daemon->reset();
  return 0;
}
