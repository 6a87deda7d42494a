#include "cli/cli_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/system_clock.h"

namespace nexus::cli {
namespace {

using ::nexus::testing::RichError;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class BenchTest : public CliFixture {
 protected:
  BenchTest() { clock_in_use_ = &real_clock_; }

  Outcome Append(std::vector<std::string> more = {}) {
    std::vector<std::string> line = {"bench",      "append", "--clients", "2", "--batch", "3",
                                     "--duration", "100ms",  "--warm-up", "0", "-o",      "json"};
    line.insert(line.end(), more.begin(), more.end());
    return Run(line);
  }

  SystemClock real_clock_;
};

TEST_F(BenchTest, AppendPrintsOneObjectWithItsFigures) {
  const Outcome outcome = Append();
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, StartsWith(R"({"bench":"append","events_per_second":)"));
  for (const char* key : {"requests_per_second", "p50_ms", "p90_ms", "p99_ms", "p999_ms", "max_ms",
                          "\"errors\":0,", "duration_s", "\"environment\":{\"kernel\""}) {
    EXPECT_THAT(outcome.out, HasSubstr(key));
  }
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  EXPECT_EQ(server_.appends().at(0).streams(0).events_size(), 3);
}

TEST_F(BenchTest, ErrorsMakeItPartialOrAFailure) {
  server_.SetAppendGate([](const auto&) {
    return RichError(grpc::StatusCode::RESOURCE_EXHAUSTED, "OVERLOADED", "full");
  });
  const Outcome outcome = Append({"--rate", "100"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_THAT(outcome.out, HasSubstr(R"("errors_by_reason":{"OVERLOADED":)"));
}

TEST_F(BenchTest, AServerThatIsNotThereIsToldBeforeTheLoad) {
  EXPECT_EQ(Append({"--server", "127.0.0.1:1"}).code, 7);
}

TEST_F(BenchTest, AnInterruptEndsIt) {
  stop_.Request();
  EXPECT_EQ(Append({"--duration", "10m"}).code, 130);
}

TEST_F(BenchTest, ReadCountsEveryEventOfAPass) {
  for (int i = 0; i < 7; ++i) server_.Store("a", "t", "{}");
  const Outcome outcome = Run({"bench", "read", "--once", "-o", "json"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr(R"("events":7,"passes":1)"));
  EXPECT_EQ(Run({"bench", "read", "--duration", "50ms"}).code, 0);
}

TEST_F(BenchTest, ReadOfAnEmptyLogEnds) {
  EXPECT_EQ(Run({"bench", "read", "--duration", "10m"}).code, 0);
}

}  // namespace
}  // namespace nexus::cli
