#include "policy/history/policy_history.h"

#include <string>
#include <vector>

#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/faulty_log.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::policy {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A server's history over a log that outlives it.
class Server {
 public:
  explicit Server(fake::FaultyLog& log)
      : history({log, log, json, executor, clock, log.ids(),
                 [this](absl::string_view notice) { notices.emplace_back(notice); }}) {}

  void Activate(const std::string& revision, const std::string& engine = "embedded") {
    history.Record(revision, engine);
    executor.Advance(absl::Seconds(1));
  }

  schema::SimdJsonReader json;
  fake::ManualExecutor executor;
  fake::ManualClock clock;
  std::vector<std::string> notices;
  PolicyHistory history;
};

class PolicyHistoryTest : public testing::Test {
 protected:
  // The data of all events of the stream.
  std::vector<std::string> Written() {
    std::vector<std::string> written;
    for (uint64_t next = 0;; ++next) {
      const auto page = log_.ReadStream(StreamName::Literal(kPoliciesStream), Revision(next),
                                        Direction::kForward, PageLimits{});
      if (!page.ok() || page->events.empty()) return written;
      EXPECT_EQ(page->events[0].type, kPoliciesActivatedType);
      written.emplace_back(page->events[0].data);
    }
  }

  fake::FaultyLog log_;
};

TEST_F(PolicyHistoryTest, TellsEachChangeAndWhatWasBefore) {
  Server server(log_);
  ASSERT_TRUE(server.history.Load().ok());
  server.Activate("r1");
  server.Activate("r2");
  server.Activate("r1");
  EXPECT_THAT(Written(), ElementsAre(R"({"revision":"r1","engine":"embedded","after":""})",
                                     R"({"revision":"r2","engine":"embedded","after":"r1"})",
                                     R"({"revision":"r1","engine":"embedded","after":"r2"})"));
}

TEST_F(PolicyHistoryTest, SaysNothingTwice) {
  {
    Server server(log_);
    ASSERT_TRUE(server.history.Load().ok());
    server.Activate("r1");
    server.Activate("r1");
  }
  Server again(log_);
  ASSERT_TRUE(again.history.Load().ok());
  again.Activate("r1");
  EXPECT_EQ(Written().size(), 1);
  again.Activate("r1", "opa");
  EXPECT_EQ(Written().size(), 2);
}

TEST_F(PolicyHistoryTest, TellsWhatCouldNotBeWritten) {
  Server server(log_);
  ASSERT_TRUE(server.history.Load().ok());
  log_.AnswerNext(MakeError(ErrorReason::kDiskFull, "no room"), false);
  server.Activate("r1");
  EXPECT_THAT(server.notices, ElementsAre(HasSubstr("no room")));
  EXPECT_THAT(Written(), IsEmpty());
  server.Activate("r1");
  EXPECT_EQ(Written().size(), 1);
}

TEST_F(PolicyHistoryTest, WaitsForWhatIsUnderWay) {
  Server server(log_);
  ASSERT_TRUE(server.history.Load().ok());
  EXPECT_TRUE(server.history.AwaitWritten(absl::ZeroDuration()));
  server.history.Record("r1", "embedded");
  EXPECT_FALSE(server.history.AwaitWritten(absl::ZeroDuration()));
  server.executor.Advance(absl::Seconds(1));
  EXPECT_TRUE(server.history.AwaitWritten(absl::Seconds(10)));
}

}  // namespace
}  // namespace nexus::policy
