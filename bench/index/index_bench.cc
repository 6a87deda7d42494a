// What indexing costs, and what it saves.
//
//   index_bench FOLDER [EVENTS]
//
// Fills a log with EVENTS (1,000,000) events of 256 bytes, 100 to a commit, of 20 types and 10,000
// streams; each has the tag of one of 100,000 customers, every hundred-thousandth one is "rare".
// Then: reading the log alone, reading and indexing it, the same where every event brings a
// correlation id of its own, and a read of the rare events with and without the index. Prints JSON.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "fake/recording_metrics.h"
#include "index/filtered_reader.h"
#include "storage/rocksdb/rocks_event_index.h"
#include "storage/rocksdb/rocks_log.h"

namespace {

using BenchClock = std::chrono::steady_clock;  // a bench measures real time
using namespace nexus;                         // NOLINT: short

constexpr size_t kCommitEvents = 100;
constexpr size_t kRareEvery = 100'000;

double SecondsSince(BenchClock::time_point begun) {
  return std::chrono::duration<double>(BenchClock::now() - begun).count();
}

[[noreturn]] void Die(const absl::Status& why) {
  std::fprintf(stderr, "index_bench: %s\n", std::string(why.message()).c_str());
  std::exit(1);
}

uint64_t Mix(uint64_t n) {
  n = (n ^ n >> 31) * 0x7fb5d329728ea185u;
  n = (n ^ n >> 27) * 0x81dadef4bc2dd44du;
  return n ^ n >> 33;
}

Commit CommitOf(uint64_t number, bool own_correlation) {
  Commit commit;
  for (int i = 0; i < 8; ++i) commit.id.bytes[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
  commit.id.bytes[15] = 1;
  commit.proposed = Timestamp{static_cast<int64_t>(number)};
  commit.streams.push_back(
      {StreamName::Literal(absl::StrCat("order-", Mix(number) % 10'000)), ExpectedRevision::Any()});
  for (size_t i = 0; i < kCommitEvents; ++i) {
    const uint64_t event_number = number * kCommitEvents + i;
    CommitEvent entry;
    entry.event.id = DeriveEventId(commit.id, static_cast<uint32_t>(i));
    entry.event.type = absl::StrCat("type-", Mix(event_number) % 20);
    entry.event.content_type = "application/json";
    entry.event.tags = {absl::StrCat("customer:", Mix(event_number + 7) % 100'000)};
    if (event_number % kRareEvery == 0) entry.event.tags.push_back("rare");
    entry.event.correlation_id =
        own_correlation ? absl::StrCat("request-", Mix(event_number)) : commit.id.ToString();
    entry.event.data = std::string(256, 'x');
    commit.events.push_back(std::move(entry));
  }
  return commit;
}

void Fill(storage::RocksLog& log, size_t events, bool own_correlation) {
  for (uint64_t number = 1; number <= events / kCommitEvents; ++number) {
    absl::Notification stored;
    log.Propose(CommitOf(number, own_correlation), [&](absl::StatusOr<CommitReceipt> receipt) {
      if (!receipt.ok()) Die(receipt.status());
      stored.Notify();
    });
    stored.WaitForNotification();
  }
}

// Events a second of reading the log from end to end; `index` gets them, if there is one.
double Walk(storage::RocksLog& log, EventIndex* index) {
  const BenchClock::time_point begun = BenchClock::now();
  Position next(1);
  while (next <= log.Head()) {
    const auto page = log.ReadAll(next, Direction::kForward, {8'192, 4 << 20});
    if (!page.ok()) Die(page.status());
    if (index != nullptr) {
      const absl::Status added = index->Add(page->events);
      if (!added.ok()) Die(added);
    }
    next = page->events.back().position.Next();
  }
  return static_cast<double>(log.Head().value) / SecondsSince(begun);
}

// Seconds until all rare events are read.
double ReadRare(index::FilteredReader& reader, Position head) {
  const BenchClock::time_point begun = BenchClock::now();
  index::Selection rare;
  rare.filter.items.push_back({.tags = {"rare"}});
  PositionRange range{Position(1), head};
  size_t found = 0;
  while (true) {
    const auto page = reader.Page(rare, range, Direction::kForward, {1'024, 1 << 20});
    if (!page.ok()) Die(page.status());
    found += page->batch.events.size();
    if (page->batch.end) break;
    range.first = page->scanned_to.Next();
  }
  if (found == 0 && head.value > kRareEvery) Die(absl::InternalError("nothing rare was found"));
  return SecondsSince(begun);
}

void Run(const std::string& folder, size_t events, bool own_correlation) {
  std::filesystem::create_directories(folder);
  fake::RecordingMetrics metrics;
  storage::RocksLogOptions options(folder, metrics);
  auto log = storage::RocksLog::Open(options);
  if (!log.ok()) Die(log.status());
  auto derived = storage::DerivedDatabase::Open(folder);
  if (!derived.ok()) Die(derived.status());
  auto index = storage::RocksEventIndex::Open(**derived, {});
  if (!index.ok()) Die(index.status());
  Fill(**log, events, own_correlation);
  index::FilteredReader reader({**log, **log, **index});
  const double scan = ReadRare(reader, (*log)->Head());
  const double read = Walk(**log, nullptr);
  const double indexed = Walk(**log, index->get());
  const double found = ReadRare(reader, (*log)->Head());
  std::printf(
      "{\"own_correlation\":%s,\"events\":%zu,\"read_per_s\":%.0f,\"read_and_index_per_s\":%.0f,"
      "\"index_us_per_event\":%.2f,\"rare_scan_s\":%.4f,\"rare_index_s\":%.6f}\n",
      own_correlation ? "true" : "false", events, read, indexed, 1e6 / indexed - 1e6 / read, scan,
      found);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: index_bench FOLDER [EVENTS]\n");
    return 2;
  }
  const std::string folder = argv[1];
  const size_t events = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000;
  Run(folder + "/own-commit", events, false);
  Run(folder + "/own-correlation", events, true);
  return 0;
}
