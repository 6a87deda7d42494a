#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "crash/reader.h"
#include "crash/shared_policy_engine.h"
#include "crash/writer.h"
#include "harness/nexusd/nexusd_process.h"
#include "history/history.h"

namespace nexus::crash {

struct CrashOptions {
  int cycles = 50;
  int writers = 16;
  int readers = 4;
  uint64_t seed = 1;
  absl::Duration load_max = absl::Milliseconds(300);   // between ready and the kill
  absl::Duration delivery_timeout = absl::Minutes(2);  // after the last start
  bool check_outbox = true;
  int check_every = 10;  // cycles; the whole history, at the end always
  // One policy engine for all daemons but some: its start takes longer than that of the daemon.
  bool share_policy_engine = true;
  history::CommitMix mix = {.hot_streams = 16,
                            .events_max = 8,
                            .repeat_one_in = 40,
                            .any_one_in = 2,
                            .filler_bytes_max = 400};
  std::string program;  // of nexusd; empty: of this build
  std::vector<std::pair<std::string, std::string>> environment;
  // What else happens while no daemon runs, after each kill: a power cut, say.
  std::function<absl::Status()> after_kill;
};

struct CrashReport {
  int kills = 0;
  int kills_while_starting = 0;
  int graceful_stops = 0;
  uint64_t commits_stored = 0;
  uint64_t commits_refused = 0;
  uint64_t commits_settled = 0;  // had no answer when the daemon was killed
  uint64_t events_stored = 0;
  uint64_t reads = 0;
  uint64_t sessions = 0;         // of subscribers
  uint64_t events_seen = 0;      // by subscribers
  uint64_t delivered_again = 0;  // in the outbox, beyond the first time

  void Add(const CrashReport& other);
};

// One data folder, one daemon after the other on it, clients that never stop.
class CrashRun {
 public:
  CrashRun(const CrashOptions& options, std::string data_folder);

  // Returns at the first fault; the message says what it is, and the cycle.
  absl::Status Run();

  const CrashReport& report() const { return report_; }

 private:
  absl::Status RunCycles();
  absl::Status Cycle(int cycle);
  absl::Status StartDaemon(bool own_policy_engine);
  absl::Status KillWhileStarting();
  absl::Status PrepareSchemas();
  absl::Status SettleAll();
  absl::Status LoadUntilTheEnd(bool graceful);
  absl::Status EndDaemon(bool graceful);
  absl::Status KillDaemon();
  // Reads what is new, and something before it or everything.
  absl::Status ReadLog(bool from_the_beginning);
  absl::Status CheckHistory();
  absl::Status VerifyOutbox();
  void TakeJournals();
  void Count();

  std::unique_ptr<v1::EventStoreService::Stub> NewStub() const;
  absl::Duration UpTo(absl::Duration limit);

  const CrashOptions options_;
  harness::NexusdOptions daemon_options_;
  history::Random random_;
  history::Ticks ticks_;
  std::vector<std::unique_ptr<Writer>> writers_;
  std::vector<std::unique_ptr<Reader>> readers_;
  std::vector<std::unique_ptr<Subscriber>> subscribers_;
  std::unique_ptr<SharedPolicyEngine> policy_engine_;
  std::unique_ptr<harness::NexusdProcess> daemon_;
  history::History history_;
  CrashReport report_;
};

}  // namespace nexus::crash
