#pragma once

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "crash/history.h"
#include "crash/reader.h"
#include "crash/writer.h"
#include "harness/nexusd/nexusd_process.h"

namespace nexus::crash {

struct CrashOptions {
  int cycles = 200;
  int writers = 16;
  uint64_t seed = 1;
  absl::Duration load_max = absl::Milliseconds(600);   // between ready and the kill
  absl::Duration delivery_timeout = absl::Minutes(2);  // after the last start
  bool check_outbox = true;
  std::string program;  // of nexusd; empty: of this build
  std::vector<std::pair<std::string, std::string>> environment;
};

struct CrashReport {
  int kills = 0;
  int kills_while_starting = 0;
  int graceful_stops = 0;
  uint64_t commits_stored = 0;
  uint64_t events_stored = 0;
  uint64_t commits_refused = 0;
  uint64_t commits_settled = 0;  // had no answer when the daemon was killed
  uint64_t events_seen = 0;      // by the subscriber
  uint64_t delivered_again = 0;  // in the outbox, beyond the first time
};

// One data folder, one daemon after the other on it, clients that never stop.
class CrashRun {
 public:
  CrashRun(const CrashOptions& options, std::string data_folder);

  // Returns at the first fault; the message says what it is, and the cycle.
  absl::Status Run();

  const CrashReport& report() const { return report_; }

 private:
  absl::Status Cycle(int cycle);
  absl::Status StartDaemon();
  absl::Status KillWhileStarting();
  absl::Status PrepareSchemas();
  absl::Status SettleAll();
  absl::Status LoadUntilTheEnd(bool graceful);
  absl::Status EndDaemon(bool graceful);
  absl::Status Verify(bool from_the_beginning);
  absl::Status VerifyOutbox();
  void CountCommits();

  std::unique_ptr<v1::EventStoreService::Stub> NewStub() const;
  absl::Duration UpTo(absl::Duration limit);

  const CrashOptions options_;
  harness::NexusdOptions daemon_options_;
  std::mt19937_64 random_;
  Ticks ticks_{0};
  std::vector<std::unique_ptr<Writer>> writers_;
  Subscriber subscriber_;
  std::unique_ptr<harness::NexusdProcess> daemon_;
  std::vector<LoggedEvent> log_;
  CrashReport report_;
};

}  // namespace nexus::crash
