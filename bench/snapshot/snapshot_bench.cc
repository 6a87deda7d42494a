// What it costs to load an aggregate, with snapshots and without, on one thread.
//
//   snapshot_bench FOLDER [EVENTS] [ROUNDS]
//
// One stream of EVENTS (100,000) events of some 200 bytes in a log on disk. For each tail, a
// snapshot is put so many events before the end, and the aggregate is loaded ROUNDS (200) times as
// a command thread does it: find the snapshot, ask the stream, restore the state, read and fold
// what follows. The tails are the longest that a mode leaves: `adaptive` makes a snapshot at the
// hundredth event at the latest, `fixed` by default at the 1,001st. `none` folds all. The log's
// blocks are in memory after the first round. Prints one JSON object a line.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "command/aggregate_loader.h"
#include "command/snapshot_desk.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "nexus/core/system_clock.h"
#include "schema/json/simd_json_reader.h"
#include "schema/schema_catalog.h"
#include "script/spidermonkey/spidermonkey_engine.h"
#include "storage/rocksdb/rocks_log.h"
#include "storage/rocksdb/rocks_snapshot_store.h"

namespace nexus::command {
namespace {

using BenchClock = std::chrono::steady_clock;  // a bench measures real time

constexpr uint64_t kEventsDefault = 100'000;
constexpr int kRoundsDefault = 200;
constexpr uint64_t kCommitEvents = 500;

constexpr char kCart[] = R"js(
export const initial = { status: "open", lines: 0, total: 0, last: [] };

export function evolve(state, event) {
  const { sku, count, price } = event.data;
  return { status: state.status, lines: state.lines + 1, total: state.total + count * price,
           last: [...state.last.slice(-19), { sku, count, at: event.recorded }] };
}

export function decide() {}
)js";

constexpr char kCartDeclaration[] = R"({"apiVersion": "nexus/v1", "kind": "Aggregate",
  "metadata": {"name": "cart"}, "spec": {"script": "cart.js", "id": "/id", "commands": ["Add"],
  "events": ["LineAdded"]}})";

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "snapshot_bench: %s\n", why.c_str());
  std::exit(1);
}
template <typename T>
T OrDie(absl::StatusOr<T> value) {
  if (!value.ok()) Die(std::string(value.status().message()));
  return *std::move(value);
}
void OrDie(const absl::Status& status) {
  if (!status.ok()) Die(std::string(status.message()));
}

std::shared_ptr<const domain::DomainState> CartDomain(JsonReader& json) {
  auto package = std::make_shared<domain::DomainPackage>();
  package->name = "shop";
  package->declarations = {{"cart.json", kCartDeclaration}};
  package->files = {{"cart.js", kCart}};
  std::map<std::string, domain::DomainRecord> domains;
  domains["shop"].package = std::move(package);
  return OrDie(domain::DomainState::Build(std::move(domains), json));
}

class LoadBench {
 public:
  explicit LoadBench(const std::string& folder) {
    log_ = OrDie(storage::RocksLog::Open(storage::RocksLogOptions(folder, metrics_)));
    derived_ = OrDie(storage::DerivedDatabase::Open(folder));
    store_ = OrDie(storage::RocksSnapshotStore::Open(*derived_, {.incarnation = 1}));
    context_ = OrDie(scripts_->NewContext({}));
    code_ = OrDie(AggregateCode::Load(*context_, domains_->aggregates().front(), {}));
    finder_ = std::make_unique<snapshot::SnapshotFinder>(
        snapshot::SnapshotFinderParts{*store_, *log_, clock_, counted_});
    writer_ = std::make_unique<snapshot::SnapshotWriter>(
        snapshot::SnapshotWriterParts{*store_, executor_, clock_, counted_},
        snapshot::SnapshotWriterOptions());
    parts_ = std::make_unique<SnapshotParts>(
        SnapshotParts{*finder_, *writer_, digests_, clock_, counted_});
    loader_ = std::make_unique<AggregateLoader>(*log_, evolution_);
  }

  void Fill(uint64_t from, uint64_t to) {
    while (from < to) {
      Commit commit;
      commit.id.bytes[0] = 1;
      for (int i = 0; i < 8; ++i)
        commit.id.bytes[8 + i] = static_cast<uint8_t>(from >> (56 - 8 * i));
      commit.streams.push_back({stream_, ExpectedRevision::Any()});
      const uint64_t last = std::min(to, from + kCommitEvents);
      for (; from < last; ++from) {
        Event event;
        event.id = DeriveEventId(commit.id, static_cast<uint32_t>(commit.events.size()));
        event.type = "LineAdded";
        event.content_type = std::string(kJsonContentType);
        event.data = absl::StrCat(R"({"sku":"tea-)", from % 1'000, R"(","count":)", 1 + from % 5,
                                  R"(,"price":450,"note":")", std::string(100, 'n'), "\"}");
        commit.events.push_back({0, std::move(event)});
      }
      absl::Notification done;
      log_->Propose(std::move(commit), [&](absl::StatusOr<CommitReceipt> receipt) {
        OrDie(receipt.status());
        done.Notify();
      });
      done.WaitForNotification();
    }
  }

  // Folds all that there is and has a snapshot of it written.
  void MakeSnapshot() {
    SnapshotDesk desk(parts_.get());
    LiveAggregate live;
    Load(desk, live);
    OrDie(desk.MakeNow(live, snapshot::SnapshotReason::kRequest, nullptr));
    executor_.RunAll();
  }
  void DropSnapshots() { OrDie(store_->Delete(stream_.str(), std::nullopt).status()); }

  // Seconds of each round, ascending; how many events were folded in the last one.
  std::vector<double> Measure(int rounds, uint64_t& folded) {
    std::vector<double> seconds;
    for (int i = 0; i < rounds; ++i) {
      SnapshotDesk desk(parts_.get());
      LiveAggregate live;
      const BenchClock::time_point begun = BenchClock::now();
      folded = Load(desk, live);
      seconds.push_back(std::chrono::duration<double>(BenchClock::now() - begun).count());
    }
    std::sort(seconds.begin(), seconds.end());
    return seconds;
  }

 private:
  uint64_t Load(SnapshotDesk& desk, LiveAggregate& live) {
    live.stream = stream_.str();
    desk.Begin(stream_, *code_, live);
    return OrDie(loader_->Load(stream_, *code_, live));
  }

  const StreamName stream_ = StreamName::Literal("cart-1");
  SystemClock clock_;
  fake::RecordingMetrics metrics_;
  fake::ManualExecutor executor_;
  schema::SimdJsonReader json_;
  std::shared_ptr<const domain::DomainState> domains_ = CartDomain(json_);
  std::unique_ptr<storage::RocksLog> log_;
  std::unique_ptr<storage::DerivedDatabase> derived_;
  std::unique_ptr<storage::RocksSnapshotStore> store_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_ =
      OrDie(script::SpiderMonkeyEngine::Create(clock_));
  std::unique_ptr<script::ScriptContext> context_;
  std::unique_ptr<AggregateCode> code_;
  schema::SchemaCatalog catalog_{schema::SchemaMode::kOptional};
  schema::SchemaLanguages languages_;
  schema::SchemaEvolution evolution_{{catalog_, languages_, nullptr, metrics_}};
  snapshot::SnapshotMetrics counted_{metrics_};
  snapshot::FoldDigests digests_{
      {[this] { return domains_; }, [] { return 1; }, [](absl::string_view) { return 1; }}};
  std::unique_ptr<snapshot::SnapshotFinder> finder_;
  std::unique_ptr<snapshot::SnapshotWriter> writer_;
  std::unique_ptr<SnapshotParts> parts_;
  std::unique_ptr<AggregateLoader> loader_;
};

void Print(const char* mode, uint64_t events, uint64_t folded, const std::vector<double>& seconds) {
  const auto at = [&](double share) {
    return 1'000 * seconds[static_cast<size_t>(share * static_cast<double>(seconds.size() - 1))];
  };
  std::printf(
      "{\"mode\":\"%s\",\"events\":%llu,\"folded\":%llu,\"rounds\":%zu,\"replay_saved\":%.4f,"
      "\"ms_p50\":%.3f,\"ms_p90\":%.3f,\"ms_p99\":%.3f}\n",
      mode, static_cast<unsigned long long>(events), static_cast<unsigned long long>(folded),
      seconds.size(), 1 - static_cast<double>(folded) / static_cast<double>(events), at(.5), at(.9),
      at(.99));
}

void Run(const std::string& folder, uint64_t events, int rounds) {
  LoadBench bench(folder);
  struct Mode {
    const char* name;
    uint64_t tail;
  };
  uint64_t filled = 0;
  for (const Mode& mode : {Mode{"fixed, longest tail", 1'000}, Mode{"fixed, half a tail", 500},
                           Mode{"adaptive, longest tail", 99}, Mode{"no tail", 0}}) {
    bench.Fill(filled, events - mode.tail);
    bench.MakeSnapshot();
    bench.Fill(events - mode.tail, events);
    filled = events;
    uint64_t folded = 0;
    const std::vector<double> seconds = bench.Measure(rounds, folded);
    Print(mode.name, events, folded, seconds);
    events += 1'000;  // room for the next one's snapshot and tail
  }
  bench.DropSnapshots();
  uint64_t folded = 0;
  const std::vector<double> seconds = bench.Measure(std::max(3, rounds / 40), folded);
  Print("none", folded, folded, seconds);
}

}  // namespace
}  // namespace nexus::command

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: snapshot_bench FOLDER [EVENTS] [ROUNDS]\n");
    return 2;
  }
  const uint64_t events =
      argc > 2 ? std::strtoull(argv[2], nullptr, 10) : nexus::command::kEventsDefault;
  const int rounds = argc > 3 ? std::atoi(argv[3]) : nexus::command::kRoundsDefault;
  if (events < 2'000 || rounds < 1) {
    std::fprintf(stderr, "snapshot_bench: at least 2000 events and a round\n");
    return 2;
  }
  nexus::command::Run(argv[1], events, rounds);
  return 0;
}
