// The log against the RocksDB below it, in one run on one disk: the ratio is what counts.
//
//   log_bench FOLDER [SECONDS]
//
// Raw RocksDB: one thread, one synced batch of B puts of 256 bytes at a time. The log: 64 proposals
// of B events of 256 bytes in flight, expected revision any, 64 streams, ids that ascend with time.
// Then, for each B, the log as it is against appends with a condition (one tag, looked up before
// the proposal as the engine does) and against event ids without any order, in turns: the median of
// three each. Prints one JSON object.

#include <rocksdb/db.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "fake/recording_metrics.h"
#include "nexus/core/commit.h"
#include "storage/rocksdb/rocks_log.h"

namespace {

using BenchClock = std::chrono::steady_clock;  // a bench measures real time

constexpr size_t kEventBytes = 256;
constexpr int kInFlight = 64;
constexpr uint64_t kSeenBack = 1'000;  // how far behind the head a writer's last look is
constexpr int kTurns = 3;
constexpr double kSecondsDefault = 5;

double SecondsSince(BenchClock::time_point begun) {
  return std::chrono::duration<double>(BenchClock::now() - begun).count();
}

[[noreturn]] void Die(const std::string& why) {
  std::fprintf(stderr, "log_bench: %s\n", why.c_str());
  std::exit(1);
}

std::string BigEndian(uint64_t n) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(n >> shift & 0xff));
  return out;
}

// Puts a second.
double RawRocks(const std::string& folder, size_t batch_size, double seconds) {
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(options, folder, &opened).ok()) Die("cannot open " + folder);
  const std::unique_ptr<rocksdb::DB> db(opened);
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string value(kEventBytes, 'x');
  uint64_t puts = 0;
  const BenchClock::time_point begun = BenchClock::now();
  while (SecondsSince(begun) < seconds) {
    rocksdb::WriteBatch batch;
    for (size_t i = 0; i < batch_size; ++i) batch.Put(BigEndian(++puts), value);
    if (!db->Write(synced, &batch).ok()) Die("a raw write failed");
  }
  return static_cast<double>(puts) / SecondsSince(begun);
}

enum class Shape { kPlain, kConditional, kRandomIds };

uint64_t Mixed(uint64_t n) { return (n ^ n >> 31) * 0x9E3779B97F4A7C15u; }

template <typename Id>
Id IdOf(uint64_t high, uint64_t low) {
  Id id;
  const std::string bytes = BigEndian(high) + BigEndian(low);
  std::copy(bytes.begin(), bytes.end(), id.bytes.begin());
  return id;
}

nexus::Commit MakeCommit(uint64_t number, size_t events, Shape shape) {
  nexus::Commit commit;
  commit.id = IdOf<nexus::CommitId>(number, Mixed(number));
  commit.stamp = {"bench", "decision", "policy", 1};
  commit.proposed = nexus::Timestamp{static_cast<int64_t>(number)};
  commit.streams.push_back(
      {nexus::StreamName::Literal(absl::StrCat("bench-", number % kInFlight)), {}});
  commit.events.resize(events);
  for (size_t i = 0; i < events; ++i) {
    nexus::Event& event = commit.events[i].event;
    event.id = shape == Shape::kRandomIds
                   ? IdOf<nexus::EventId>(Mixed(number * 1'000 + i), number)
                   : nexus::DeriveEventId(commit.id, static_cast<uint32_t>(i));
    event.type = "bench.event";
    event.content_type = "application/json";
    event.tags = {absl::StrCat("item:", number)};
    event.correlation_id = "bench";
    event.data.assign(kEventBytes, 'x');
  }
  return commit;
}

// "Nobody else has this tag", looked up to the head of this moment.
void AddCondition(nexus::Commit& commit, const nexus::storage::RocksLog& log) {
  nexus::AppendCondition condition;
  condition.fail_if_match.items = {{.tags = commit.events.front().event.tags}};
  const nexus::Position head = log.Head();
  condition.after = nexus::Position(head.value > kSeenBack ? head.value - kSeenBack : 0);
  const nexus::log::RecentEvents::Answer answer =
      log.recent().FirstMatch(0, condition.fail_if_match, condition.after, head);
  if (!answer.covered) Die("what was stored a moment ago is not in memory");
  condition.checked = head;
  condition.found = answer.match;
  commit.conditions.push_back(std::move(condition));
}

// Keeps kInFlight proposals under way from one thread. Events a second.
class LogLoad {
 public:
  LogLoad(nexus::storage::RocksLog& log, size_t events, Shape shape)
      : log_(log), events_(events), shape_(shape) {}

  double Run(double seconds) {
    const BenchClock::time_point begun = BenchClock::now();
    const std::clock_t cpu_begun = std::clock();
    const uint64_t before = stored();
    while (SecondsSince(begun) < seconds) {
      {
        absl::MutexLock lock(&mutex_);
        const auto room = [this] { return in_flight_ < kInFlight; };
        mutex_.Await(absl::Condition(&room));
        ++in_flight_;
      }
      nexus::Commit commit = MakeCommit(++next_id_, events_, shape_);
      if (shape_ == Shape::kConditional) AddCondition(commit, log_);
      log_.Propose(std::move(commit), [this](absl::StatusOr<nexus::CommitReceipt> answer) {
        if (!answer.ok()) Die(answer.status().ToString());
        absl::MutexLock lock(&mutex_);
        --in_flight_;
        ++stored_;
      });
    }
    absl::MutexLock lock(&mutex_);
    const auto idle = [this] { return in_flight_ == 0; };
    mutex_.Await(absl::Condition(&idle));
    const double cpu = static_cast<double>(std::clock() - cpu_begun) / CLOCKS_PER_SEC;
    cpu_us_ = cpu * 1e6 / static_cast<double>((stored_ - before) * events_);
    return static_cast<double>((stored_ - before) * events_) / SecondsSince(begun);
  }

  double cpu_us() const { return cpu_us_; }

 private:
  uint64_t stored() {
    absl::MutexLock lock(&mutex_);
    return stored_;
  }

  nexus::storage::RocksLog& log_;
  const size_t events_;
  const Shape shape_;
  uint64_t next_id_ = 0;
  double cpu_us_ = 0;
  absl::Mutex mutex_;
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t stored_ ABSL_GUARDED_BY(mutex_) = 0;
};

// A log of its own with its load.
class LogRun {
 public:
  LogRun(const std::string& folder, size_t events, Shape shape)
      : log_(Open(folder)), load_(*log_, events, shape) {}

  double Run(double seconds) { return load_.Run(seconds); }
  // Microseconds of processor time an event, of all threads.
  double cpu_us() const { return load_.cpu_us(); }

  static std::unique_ptr<nexus::storage::RocksLog> Open(const std::string& folder,
                                                        nexus::MetricsRegistry& metrics) {
    absl::StatusOr<std::unique_ptr<nexus::storage::RocksLog>> log =
        nexus::storage::RocksLog::Open(nexus::storage::RocksLogOptions(folder, metrics));
    if (!log.ok()) Die(log.status().ToString());
    return *std::move(log);
  }

 private:
  std::unique_ptr<nexus::storage::RocksLog> Open(const std::string& folder) {
    return Open(folder, metrics_);
  }

  nexus::fake::RecordingMetrics metrics_;
  const std::unique_ptr<nexus::storage::RocksLog> log_;
  LogLoad load_;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

// Rates of the shapes, each turn of one beside the same turn of the others.
std::string CompareShapes(const std::string& folder, size_t events, double seconds) {
  LogRun plain(folder + "/plain", events, Shape::kPlain);
  LogRun conditional(folder + "/conditional", events, Shape::kConditional);
  LogRun random_ids(folder + "/random-ids", events, Shape::kRandomIds);
  LogRun* const runs[] = {&plain, &conditional, &random_ids};
  std::vector<double> rates[3];
  std::vector<double> cpu[3];
  for (int turn = 0; turn < kTurns; ++turn) {
    for (int i = 0; i < 3; ++i) {
      rates[i].push_back(runs[i]->Run(seconds / kTurns));
      cpu[i].push_back(runs[i]->cpu_us());
    }
  }
  std::string out = absl::StrCat("\"plain_events_per_second_", events,
                                 "\": ", static_cast<int64_t>(Median(rates[0])),
                                 ", \"plain_cpu_us_", events, "\": ", Median(cpu[0]));
  const char* const names[] = {"plain", "conditional", "random_ids"};
  for (int i = 1; i < 3; ++i) {
    absl::StrAppend(&out, ", \"", names[i], "_ratio_", events,
                    "\": ", Median(rates[i]) / Median(rates[0]), ", \"", names[i], "_cpu_us_",
                    events, "\": ", Median(cpu[i]));
  }
  return out;
}

// Events a second of a full forward scan.
double Scan(const std::string& folder) {
  nexus::fake::RecordingMetrics metrics;
  const auto log = LogRun::Open(folder, metrics);
  const BenchClock::time_point begun = BenchClock::now();
  nexus::Position next(1);
  while (true) {
    const auto page = log->ReadAll(next, nexus::Direction::kForward, nexus::PageLimits());
    if (!page.ok()) Die(page.status().ToString());
    if (!page->events.empty()) next = page->events.back().position.Next();
    if (page->end) break;
  }
  return static_cast<double>(next.value - 1) / SecondsSince(begun);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) Die("usage: log_bench FOLDER [SECONDS]");
  const std::string folder = argv[1];
  const double seconds = argc > 2 ? std::atof(argv[2]) : kSecondsDefault;
  std::filesystem::create_directories(folder);
  std::string out = "{";
  for (const size_t batch : {size_t{1}, size_t{100}}) {
    const std::string raw_folder = absl::StrCat(folder, "/raw-", batch);
    const std::string log_folder = absl::StrCat(folder, "/log-", batch);
    const double raw = RawRocks(raw_folder, batch, seconds);
    const double log = LogRun(log_folder, batch, Shape::kPlain).Run(seconds);
    absl::StrAppend(&out, "\"raw_puts_per_second_", batch, "\": ", static_cast<int64_t>(raw),
                    ", \"log_events_per_second_", batch, "\": ", static_cast<int64_t>(log),
                    ", \"ratio_", batch, "\": ", log / raw, ", ");
    if (batch == 100) {
      absl::StrAppend(&out, "\"scan_events_per_second\": ", static_cast<int64_t>(Scan(log_folder)),
                      ", ");
    }
    const std::string shapes_folder = absl::StrCat(folder, "/shapes-", batch);
    std::filesystem::create_directories(shapes_folder);
    absl::StrAppend(&out, CompareShapes(shapes_folder, batch, seconds), batch == 1 ? ", " : "");
    for (const std::string& done : {raw_folder, log_folder, shapes_folder}) {
      std::filesystem::remove_all(done);
    }
  }
  std::printf("%s}\n", out.c_str());
  return 0;
}
