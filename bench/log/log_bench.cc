// The log against the RocksDB below it, in one run on one disk: the ratio is what counts.
//
//   log_bench FOLDER [SECONDS]
//
// Raw RocksDB: one thread, one synced batch of B puts of 256 bytes at a time. The log: 64 proposals
// of B events of 256 bytes in flight, expected revision any, 64 streams. Prints one JSON object.

#include <rocksdb/db.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
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

nexus::Commit MakeCommit(uint64_t id, size_t events) {
  nexus::Commit commit;
  const std::string bytes = BigEndian(id * 0x9E3779B97F4A7C15u) + BigEndian(id);
  std::copy(bytes.begin(), bytes.end(), commit.id.bytes.begin());
  commit.stamp = {"bench", "decision", "policy", 1};
  commit.proposed = nexus::Timestamp{static_cast<int64_t>(id)};
  commit.streams.push_back(
      {nexus::StreamName::Literal(absl::StrCat("bench-", id % kInFlight)), {}});
  commit.events.resize(events);
  for (size_t i = 0; i < events; ++i) {
    nexus::Event& event = commit.events[i].event;
    event.id = nexus::DeriveEventId(commit.id, static_cast<uint32_t>(i));
    event.type = "bench.event";
    event.content_type = "application/json";
    event.data.assign(kEventBytes, 'x');
  }
  return commit;
}

// Keeps kInFlight proposals under way from one thread. Events a second.
class LogLoad {
 public:
  LogLoad(nexus::storage::RocksLog& log, size_t events) : log_(log), events_(events) {}

  double Run(double seconds) {
    const BenchClock::time_point begun = BenchClock::now();
    while (SecondsSince(begun) < seconds) {
      {
        absl::MutexLock lock(&mutex_);
        const auto room = [this] { return in_flight_ < kInFlight; };
        mutex_.Await(absl::Condition(&room));
        ++in_flight_;
      }
      log_.Propose(MakeCommit(++next_id_, events_),
                   [this](absl::StatusOr<nexus::CommitReceipt> answer) {
                     if (!answer.ok()) Die(answer.status().ToString());
                     absl::MutexLock lock(&mutex_);
                     --in_flight_;
                     ++stored_;
                   });
    }
    absl::MutexLock lock(&mutex_);
    const auto idle = [this] { return in_flight_ == 0; };
    mutex_.Await(absl::Condition(&idle));
    return static_cast<double>(stored_ * events_) / SecondsSince(begun);
  }

 private:
  nexus::storage::RocksLog& log_;
  const size_t events_;
  uint64_t next_id_ = 0;
  absl::Mutex mutex_;
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  uint64_t stored_ ABSL_GUARDED_BY(mutex_) = 0;
};

double Log(const std::string& folder, size_t events, double seconds) {
  nexus::fake::RecordingMetrics metrics;
  absl::StatusOr<std::unique_ptr<nexus::storage::RocksLog>> log =
      nexus::storage::RocksLog::Open(nexus::storage::RocksLogOptions(folder, metrics));
  if (!log.ok()) Die(log.status().ToString());
  return LogLoad(**log, events).Run(seconds);
}

// Events a second of a full forward scan.
double Scan(const std::string& folder) {
  nexus::fake::RecordingMetrics metrics;
  absl::StatusOr<std::unique_ptr<nexus::storage::RocksLog>> log =
      nexus::storage::RocksLog::Open(nexus::storage::RocksLogOptions(folder, metrics));
  if (!log.ok()) Die(log.status().ToString());
  const BenchClock::time_point begun = BenchClock::now();
  nexus::Position next(1);
  while (true) {
    const auto page = (*log)->ReadAll(next, nexus::Direction::kForward, nexus::PageLimits());
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
    const double log = Log(log_folder, batch, seconds);
    absl::StrAppend(&out, "\"raw_puts_per_second_", batch, "\": ", static_cast<int64_t>(raw),
                    ", \"log_events_per_second_", batch, "\": ", static_cast<int64_t>(log),
                    ", \"ratio_", batch, "\": ", log / raw, ", ");
    if (batch == 100) {
      absl::StrAppend(&out, "\"scan_events_per_second\": ", static_cast<int64_t>(Scan(log_folder)));
    }
    std::filesystem::remove_all(raw_folder);
    std::filesystem::remove_all(log_folder);
  }
  std::printf("%s}\n", out.c_str());
  return 0;
}
