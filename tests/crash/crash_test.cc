// Kills the real daemon again and again under load, and holds what its clients were told against
// what the log says afterwards.
//
//   crash_test [--cycles N] [--writers N] [--seed N] [--load-ms N] [--nexusd PATH] [--no-outbox]
//
// The number of cycles is $NEXUS_CRASH_CYCLES where no flag says it. More than 50 are run in
// rounds on a new folder each, because the journal is in memory. Exit code 0: nothing was lost.

#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "crash/crash_run.h"

namespace nexus::crash {
namespace {

constexpr int kCyclesPerRound = 50;

bool ParseFlags(int argc, char** argv, CrashOptions& options) {
  if (const char* cycles = getenv("NEXUS_CRASH_CYCLES"); cycles != nullptr) {
    if (!absl::SimpleAtoi(cycles, &options.cycles)) return false;
  }
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--no-outbox") {
      options.check_outbox = false;
      continue;
    }
    if (++i == argc) return false;
    int64_t load_ms = 0;
    bool good = true;
    if (flag == "--cycles") {
      good = absl::SimpleAtoi(argv[i], &options.cycles);
    } else if (flag == "--writers") {
      good = absl::SimpleAtoi(argv[i], &options.writers) && options.writers > 0;
    } else if (flag == "--seed") {
      good = absl::SimpleAtoi(argv[i], &options.seed);
    } else if (flag == "--load-ms") {
      good = absl::SimpleAtoi(argv[i], &load_ms) && load_ms > 0;
      options.load_max = absl::Milliseconds(load_ms);
    } else if (flag == "--nexusd") {
      options.program = argv[i];
    } else {
      good = false;
    }
    if (!good) return false;
  }
  return true;
}

std::string Describe(const CrashReport& report) {
  return absl::StrFormat(
      "%d kills under load, %d while starting, %d graceful stops; %d commits (%d events) stored, "
      "%d refused, %d settled after a kill; %d reads, %d subscriptions, %d events seen live; "
      "%d delivered again; 0 lost, 0 twice, 0 out of order",
      report.kills, report.kills_while_starting, report.graceful_stops, report.commits_stored,
      report.events_stored, report.commits_refused, report.commits_settled, report.reads,
      report.sessions, report.events_seen, report.delivered_again);
}

// A daemon that takes nothing loses nothing: such a run proves nothing.
bool ProvesSomething(const CrashReport& report, int cycles) {
  return report.commits_stored > static_cast<uint64_t>(cycles) && report.events_seen > 0 &&
         report.reads > static_cast<uint64_t>(cycles);
}

int RunRound(const CrashOptions& options, CrashReport& total) {
  std::string folder = std::filesystem::temp_directory_path() / "nexus-crash-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) return 1;
  CrashRun run(options, folder + "/data");
  const absl::Status status = run.Run();
  if (!status.ok()) {
    std::cout << "FAILED, seed " << options.seed << ", data kept in " << folder << "\n"
              << status.message() << std::endl;
    return 1;
  }
  std::filesystem::remove_all(folder);
  std::cout << "seed " << options.seed << ": " << Describe(run.report()) << std::endl;
  total.Add(run.report());
  if (ProvesSomething(run.report(), options.cycles)) return 0;
  std::cout << "FAILED: too little was stored to prove anything" << std::endl;
  return 1;
}

int Main(int argc, char** argv) {
  CrashOptions options;
  if (!ParseFlags(argc, argv, options)) {
    std::cerr << "usage: crash_test [--cycles N] [--writers N] [--seed N] [--load-ms N] "
                 "[--nexusd PATH] [--no-outbox]\n";
    return 2;
  }
  const int cycles = options.cycles;
  CrashReport total;
  for (int done = 0; done < cycles; done += kCyclesPerRound, ++options.seed) {
    options.cycles = std::min(kCyclesPerRound, cycles - done);
    if (const int code = RunRound(options, total); code != 0) return code;
  }
  std::cout << "in all: " << Describe(total) << std::endl;
  std::cout << absl::StrFormat(
                   "%d cycles without a loss: under %.2f %% of crashes lose something, with 95 %% "
                   "confidence",
                   cycles, 300.0 / std::max(cycles, 1))
            << std::endl;
  return 0;
}

}  // namespace
}  // namespace nexus::crash

int main(int argc, char** argv) { return nexus::crash::Main(argc, argv); }
