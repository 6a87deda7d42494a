// A crash test that never fails proves nothing. Each planted fault must be found, and a log without
// one must pass.

#include <stdlib.h>

#include <ostream>
#include <string>

#include "crash/crash_run.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus::crash {
namespace {

using testing::HasSubstr;

CrashOptions Toy(const std::string& fault) {
  CrashOptions options;
  options.cycles = 12;
  options.writers = 4;
  options.readers = 2;
  options.check_every = 1;
  options.share_policy_engine = false;
  options.mix.conditions = false;  // the stand-in knows none, nor event ids
  options.mix.taken_ids = false;
  options.load_max = absl::Milliseconds(150);
  const char* folder = getenv("NEXUS_BIN_DIR");
  options.program = std::string(folder == nullptr ? "." : folder) + "/toy_nexusd";
  options.environment = {{"NEXUS_TOY_FAULT", fault}};
  options.delivery_timeout = absl::Milliseconds(500);
  return options;
}

TEST(CrashControl, PassesALogThatKeepsItsWord) {
  harness::TemporaryFolder folder;
  CrashRun run(Toy(""), folder / "data");
  const absl::Status status = run.Run();
  EXPECT_TRUE(status.ok()) << status.message();
  EXPECT_GT(run.report().commits_stored, 100u);
  EXPECT_GT(run.report().commits_refused, 0u);
  EXPECT_GT(run.report().commits_settled, 0u);
  EXPECT_GT(run.report().events_seen, 100u);
  EXPECT_GT(run.report().reads, 100u);
}

struct Planted {
  std::string fault;
  std::string finding;  // part of what the crash test must say
  friend void PrintTo(const Planted& planted, std::ostream* out) { *out << planted.fault; }
};

class CrashControlFault : public testing::TestWithParam<Planted> {};

TEST_P(CrashControlFault, IsFound) {
  harness::TemporaryFolder folder;
  CrashRun run(Toy(GetParam().fault), folder / "data");
  const absl::Status status = run.Run();
  EXPECT_FALSE(status.ok());
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().finding));
}

INSTANTIATE_TEST_SUITE_P(Planted, CrashControlFault,
                         testing::Values(Planted{"ack_before_write", "was acknowledged"},
                                         Planted{"forget_ids", "00000000-0000"},
                                         Planted{"show_before_write", "was shown to"},
                                         Planted{"write_in_parts", "append"},
                                         Planted{"skip_delivery", "was not delivered"},
                                         Planted{"reuse_positions", "position"},
                                         Planted{"forget_decisions", "without its decision"}),
                         [](const auto& planted) { return planted.param.fault; });

}  // namespace
}  // namespace nexus::crash
