#include "domain/upcast/upcast_trial.h"

#include "absl/strings/str_cat.h"
#include "domain/upcast/upcaster_domain.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/system_clock.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::domain {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// Takes what is positive only; the schema of what comes out wants a number.
constexpr char kPositive[] =
    "export const upcast = ({ data }) => ({ data: { n: data.n > 0 ? data.n : 'none' } });";

class UpcastTrialTest : public engine::EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    scripts_ = *script::SpiderMonkeyEngine::Create(real_clock_);
    ASSERT_TRUE(RegisterSchema("Made", R"({"type":"object"})").ok());
    ASSERT_TRUE(RegisterSchema("Done", R"({"properties":{"n":{"type":"number"}}})").ok());
  }
  // One event each, by its `n`.
  void Store(const std::vector<int>& values) {
    for (const int n : values) {
      ASSERT_TRUE(Append("made-1", "Made", absl::StrCat("{\"n\":", n, "}")).ok());
    }
  }
  TrialOutcome Try(
      uint64_t sample, std::function<bool()> cancelled = [] { return false; }) {
    const auto state = DomainOf(json_, {{.name = "next", .script = kPositive, .to_type = "Done"}});
    TrialOptions options;
    options.sample = sample;
    options.up_to = log_.Head();
    const auto outcome = TryUpcaster({filtered_, engine_->evolution(), *scripts_},
                                     state->upcasters().front(), *state, {}, options, cancelled);
    fault_ = outcome.status();
    return outcome.ok() ? *outcome : TrialOutcome();
  }

  SystemClock real_clock_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_;
  absl::Status fault_;
};

TEST_F(UpcastTrialTest, ASampleIsTheOldestAndTheNewest) {
  Store({1, -1, -2, 2});
  EXPECT_EQ(Try(2).events, 2u);
  EXPECT_EQ(Try(2).failed, 0u);
  EXPECT_EQ(Try(3).events, 3u);
  EXPECT_EQ(Try(3).failed, 1u);
  // More than there are: each once.
  EXPECT_EQ(Try(100).events, 4u);
  EXPECT_EQ(Try(100).failed, 2u);
}

TEST_F(UpcastTrialTest, AllAreAll) {
  Store({1, -1, 2});
  const TrialOutcome outcome = Try(0);
  EXPECT_EQ(outcome.events, 3u);
  EXPECT_EQ(outcome.failed, 1u);
  ASSERT_THAT(outcome.failures, SizeIs(1));
  EXPECT_EQ(outcome.failures[0].stream, "made-1");
  EXPECT_EQ(outcome.failures[0].revision.value, 1u);
  EXPECT_THAT(outcome.failures[0].reason, HasSubstr("do not fit version 1 of Done"));
}

TEST_F(UpcastTrialTest, NothingStoredIsNothingTried) {
  EXPECT_EQ(Try(1'000).events, 0u);
  EXPECT_TRUE(fault_.ok()) << fault_;
}

TEST_F(UpcastTrialTest, StopsWhenNobodyWaits) {
  Store({1});
  Try(0, [] { return true; });
  EXPECT_EQ(ReasonOf(fault_), ErrorReason::kDeadlineExceeded);
}

}  // namespace
}  // namespace nexus::domain
