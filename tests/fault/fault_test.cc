// Faults between nexusd, a real broker and what is between them; seeds decide which. After each the
// books of the delivery must balance: accepted = delivered + dead-lettered, each stream in order.
//
//   fault_test --broker kafka|rabbitmq|rabbitmq-declared|nats|webhook [--faults N] [--seed S]
//   [--only FAULT]
//              [--verbose]
//
// More than 40 faults are run in rounds, each with a new daemon and a new broker, because the books
// are in memory. Exit code 0: nothing was lost.

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "fault/fault_run.h"

namespace nexus::fault {
namespace {

constexpr int kFaultsPerRound = 40;
constexpr int kSkipped = 77;  // as CMakeLists.txt has it

bool ParseFlags(int argc, char** argv, FaultOptions& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string flag = argv[i];
    if (flag == "--verbose") {
      options.verbose = true;
      continue;
    }
    if (++i == argc) return false;
    bool good = true;
    if (flag == "--only") {
      options.only = argv[i];
    } else if (flag == "--broker") {
      options.broker = argv[i];
    } else if (flag == "--faults") {
      good = absl::SimpleAtoi(argv[i], &options.faults) && options.faults > 0;
    } else if (flag == "--seed") {
      good = absl::SimpleAtoi(argv[i], &options.seed);
    } else {
      good = false;
    }
    if (!good) return false;
  }
  return !options.broker.empty();
}

std::string Describe(const FaultReport& report) {
  const BookTotals& books = report.books;
  return absl::StrFormat(
      "%d faults; %d accepted = %d delivered + %d dead-lettered; %d repetitions (%.2f %% of "
      "deliveries), %d read back by nexusd; 0 lost, 0 out of order",
      report.faults, books.accepted, books.delivered, books.dead_lettered, books.duplicates,
      100 * books.DuplicateRate(), report.reconciled);
}

void Add(const FaultReport& one, FaultReport& total) {
  total.faults += one.faults;
  total.reconciled += one.reconciled;
  total.books.accepted += one.books.accepted;
  total.books.delivered += one.books.delivered;
  total.books.dead_lettered += one.books.dead_lettered;
  total.books.duplicates += one.books.duplicates;
}

// A program that is missing is a failure where all have to be there.
int EndOf(const absl::Status& status, const FaultOptions& options) {
  const char* ci = std::getenv("CI");
  if (absl::IsNotFound(status) && (ci == nullptr || std::string(ci) != "true")) {
    std::cout << "skipped: " << status.message() << std::endl;
    return kSkipped;
  }
  std::cout << "FAILED, --broker " << options.broker << " --faults " << options.faults << " --seed "
            << options.seed << "\n"
            << status.message() << std::endl;
  return 1;
}

int Main(int argc, char** argv) {
  FaultOptions options;
  if (!ParseFlags(argc, argv, options)) {
    std::cerr << "usage: fault_test --broker kafka|rabbitmq|rabbitmq-declared|nats|webhook "
                 "[--faults N] [--seed S] "
                 "[--only FAULT] [--verbose]\n";
    return 2;
  }
  const int faults = options.faults;
  const absl::Time began = absl::Now();
  FaultReport total;
  for (int done = 0; done < faults; done += kFaultsPerRound, ++options.seed) {
    options.faults = std::min(kFaultsPerRound, faults - done);
    FaultRun run(options);
    const absl::Status status = run.Run();
    if (!status.ok()) return EndOf(status, options);
    Add(run.report(), total);
    if (faults > kFaultsPerRound) {
      std::cout << "seed " << options.seed << ": " << Describe(run.report()) << std::endl;
    }
  }
  std::cout << options.broker << ": " << Describe(total) << " in "
            << absl::ToInt64Seconds(absl::Now() - began) << " s" << std::endl;
  return 0;
}

}  // namespace
}  // namespace nexus::fault

int main(int argc, char** argv) { return nexus::fault::Main(argc, argv); }
