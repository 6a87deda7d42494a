// Raw RocksDB: `clients` threads, each writes one synced batch after the other. What any store on
// RocksDB can reach at most, without a network, an index or a rule.
//
//   rocks_load --folder F --clients 3 --events 100 --seconds 5

#include <rocksdb/db.h>

#include <atomic>
#include <cstdio>
#include <memory>
#include <thread>
#include <vector>

#include "CLI/CLI.hpp"
#include "load/load_options.h"
#include "load/load_report.h"
#include "load/loops.h"

namespace nexus::bench {
namespace {

std::string BigEndian(uint64_t n) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>(n >> shift & 0xff));
  return out;
}

struct Share {
  client::LatencyHistogram latency;
  uint64_t batches = 0;
};

void Write(rocksdb::DB& db, const LoadOptions& options, std::atomic<uint64_t>& next, int64_t from,
           int64_t end, Share& share) {
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const std::string value = MakeData(options.data_bytes);
  for (int64_t begun = NowNs(); begun < end; begun = NowNs()) {
    rocksdb::WriteBatch batch;
    const auto events = static_cast<uint64_t>(options.events);
    const uint64_t first = next.fetch_add(events);
    for (uint64_t i = 0; i < events; ++i) batch.Put(BigEndian(first + i), value);
    if (!db.Write(synced, &batch).ok()) Die("a raw write failed");
    const int64_t now = NowNs();
    if (begun < from || now > end) continue;
    ++share.batches;
    share.latency.Record(absl::Nanoseconds(now - begun));
  }
}

LoadReport Run(const std::string& folder, const LoadOptions& options) {
  rocksdb::Options rocks;
  rocks.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::Open(rocks, folder, &opened).ok()) Die("cannot open " + folder);
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::atomic<uint64_t> next{1};
  const int64_t from = NowNs() + static_cast<int64_t>(options.warm_up * 1e9);
  const int64_t end = from + static_cast<int64_t>(options.seconds * 1e9);
  std::vector<Share> shares(static_cast<size_t>(options.clients));
  std::vector<std::thread> threads;
  for (Share& share : shares) {
    threads.emplace_back([&] { Write(*db, options, next, from, end, share); });
  }
  for (std::thread& thread : threads) thread.join();
  LoadReport report;
  report.seconds = options.seconds;
  for (const Share& share : shares) {
    report.latency.Merge(share.latency);
    report.requests += share.batches;
  }
  report.events = report.requests * static_cast<uint64_t>(options.events);
  return report;
}

}  // namespace
}  // namespace nexus::bench

int main(int argc, char** argv) {
  CLI::App app("Raw RocksDB, synced; prints one line of JSON");
  nexus::bench::LoadOptions options;
  std::string folder;
  app.add_option("--folder", folder)->required();
  app.add_option("--clients", options.clients, "Threads");
  app.add_option("--events", options.events, "Puts a batch");
  app.add_option("--size", options.data_bytes);
  app.add_option("--seconds", options.seconds);
  app.add_option("--warm-up", options.warm_up);
  CLI11_PARSE(app, argc, argv);
  std::printf("%s\n", nexus::bench::ToJson(nexus::bench::Run(folder, options)).c_str());
  return 0;
}
