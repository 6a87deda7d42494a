#pragma once

// Faults one after another on a daemon, a broker and what is between them, under load. After each
// all is mended and the delivery drained; then the books must balance.
//
// Not thread-safe. Start it from a thread that outlives it.

#include <cstdint>
#include <memory>
#include <random>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "fault/broker.h"
#include "fault/conservation.h"
#include "fault/fault_kind.h"
#include "fault/writer.h"
#include "harness/nexusd/nexusd_process.h"
#include "harness/nexusd/temporary_folder.h"
#include "nexus/admin/v1/route.grpc.pb.h"
#include "nexus/v1/event_store.grpc.pb.h"

namespace nexus::fault {

struct FaultOptions {
  std::string broker;
  int faults = 10;
  uint64_t seed = 1;
  bool verbose = false;
  std::string only = {};  // a fault by name; empty: each in its turn
};

struct FaultReport {
  BookTotals books;
  int faults = 0;
  // What ReconcileRoute said at the end; 0 where nothing can be read back.
  uint64_t reconciled = 0;
};

class FaultRun {
 public:
  explicit FaultRun(const FaultOptions& options)
      : options_(options), random_(options.seed), deck_(options.seed), writer_(options.seed) {}

  // OK: the books balanced each time. kNotFound: a program is missing. Anything else: what is
  // wrong, and what the daemon said.
  absl::Status Run();
  const FaultReport& report() const { return report_; }

 private:
  absl::Status Begin();
  absl::Status Fault(FaultKind kind);
  FaultKind NextKind();
  void Say(absl::string_view words) const;
  absl::Status Inject(FaultKind kind);
  absl::Status Mend(FaultKind kind);
  absl::Status StartDaemon();
  void AwaitEffect(FaultKind kind, const admin::v1::RouteStatus& before);
  absl::Status Drain();
  absl::Status TakeLog();
  absl::Status TakeLetters();
  absl::Status TakeArrivals();
  absl::Status Reconcile();
  absl::Status ReconcileOnce();
  admin::v1::RouteStatus Status();
  bool BrokerIsDown(FaultKind kind) const;

  const FaultOptions options_;
  std::mt19937_64 random_;
  FaultDeck deck_;
  harness::TemporaryFolder folder_;
  std::unique_ptr<Broker> broker_;
  std::unique_ptr<harness::NexusdProcess> daemon_;
  std::shared_ptr<v1::EventStoreService::Stub> events_;
  std::unique_ptr<admin::v1::RouteService::Stub> routes_;
  // Repetitions of what was in flight at a kill, and of what a broker took without a word.
  Conservation books_{1.0};
  uint64_t next_position_ = 1;
  uint64_t newest_letter_ = 0;
  uint64_t last_event_ = 0;  // of the route, in the log
  FaultReport report_;
  Writer writer_;  // last: it uses what the stubs stand for
};

}  // namespace nexus::fault
