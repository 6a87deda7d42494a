// Policies that run for ever, take all memory or abort: each costs its own question and no other.

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/real_opa.h"

namespace nexus::policy {
namespace {

constexpr char kEndless[] =
    "input.endless\n"
    "xs := numbers.range(1, 20000)\n"
    "count([1 | some a in xs; some b in xs; some c in xs; c < 0]) == 1";

class HostilePoliciesTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }

  void Start(const std::string& body, const EmbeddedDeciderOptions& options) {
    auto bundle = Compile(DenyIf(body));
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    const absl::Status started = embedded_.Start(*std::move(bundle), options);
    ASSERT_TRUE(started.ok()) << started;
  }
  std::string Outcome(const std::string& input, absl::Duration timeout = absl::Seconds(20)) {
    const auto answer = Ask(embedded_.decider(), input, timeout);
    return answer.ok() ? (answer->allow ? "allowed" : "denied") : FailureOf(answer.status());
  }

  Embedded embedded_;
};

TEST_F(HostilePoliciesTest, AreStoppedWhenTheyRunForTooLong) {
  EmbeddedDeciderOptions options;
  options.limits.evaluation_max = absl::Milliseconds(50);
  Start(kEndless, options);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Outcome(R"({"endless":true})"), "timeout");
    EXPECT_EQ(Outcome(R"({"endless":false})"), "allowed");
  }
}

TEST_F(HostilePoliciesTest, AreStoppedWhenNobodyWaitsAnyMore) {
  EmbeddedDeciderOptions options;
  options.limits.evaluation_max = absl::Hours(1);
  Start(kEndless, options);
  EXPECT_EQ(Outcome(R"({"endless":true})", absl::Milliseconds(50)), "timeout");
  EXPECT_EQ(Outcome(R"({"endless":false})"), "allowed");
}

TEST_F(HostilePoliciesTest, KeepOthersWaitingNoLongerThanTheyMay) {
  EmbeddedDeciderOptions options;
  options.limits.evaluation_max = absl::Milliseconds(300);
  options.limits.memory_bytes_max = 1 << 30;
  options.cache_bytes_max = 0;
  Start(kEndless, options);
  const Pending endless(embedded_.decider(), "append", R"({"endless":true})", absl::Seconds(20));
  std::vector<Pending> others;
  for (int i = 0; i < 20; ++i) {
    others.emplace_back(embedded_.decider(), "append", R"({"endless":true})",
                        absl::Milliseconds(100));
  }
  // All of them expire while the first one runs; no more than one more begins to run.
  for (const Pending& other : others) EXPECT_EQ(FailureOf(other.Get().status()), "timeout");
  EXPECT_EQ(FailureOf(endless.Get().status()), "timeout");
  EXPECT_EQ(Outcome(R"({"endless":false})"), "allowed");
}

TEST_F(HostilePoliciesTest, ThatFillTheQueueAreRefusedAtOnce) {
  EmbeddedDeciderOptions options;
  options.limits.evaluation_max = absl::Milliseconds(200);
  options.queue_max = 4;
  options.cache_bytes_max = 0;
  Start(kEndless, options);
  std::vector<Pending> asked;
  for (int i = 0; i < 20; ++i) {
    asked.emplace_back(embedded_.decider(), "append", R"({"endless":true})",
                       absl::Milliseconds(500));
  }
  int refused = 0;
  for (const Pending& one : asked) refused += FailureOf(one.Get().status()) == "queue_full" ? 1 : 0;
  EXPECT_GE(refused, 12);
}

TEST_F(HostilePoliciesTest, GetNoMoreThanTheirMemory) {
  EmbeddedDeciderOptions options;
  options.limits.memory_bytes_max = 8 << 20;
  options.limits.evaluation_max = absl::Seconds(20);
  Start("count(numbers.range(1, input.n)) == 0", options);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Outcome(R"({"n":100000000})"), "engine_error");
    EXPECT_EQ(Outcome(R"({"n":1000})"), "allowed");
  }
}

TEST_F(HostilePoliciesTest, GetNoInputThatIsLargerThanTheirMemory) {
  EmbeddedDeciderOptions options;
  options.limits.memory_bytes_max = 1 << 20;
  Start("count(input.text) > 10", options);
  EXPECT_EQ(Outcome(absl::StrCat("{\"text\":\"", std::string(2 << 20, 'x'), "\"}")),
            "engine_error");
  EXPECT_EQ(Outcome(R"({"text":""})"), "allowed");
}

TEST_F(HostilePoliciesTest, CannotBreakTheStackByDeepInputs) {
  EmbeddedDeciderOptions options;
  options.limits.evaluation_max = absl::Seconds(20);
  Start("json.unmarshal(input.text) == 1", options);
  const std::string deep = std::string(200'000, '[') + std::string(200'000, ']');
  EXPECT_EQ(Outcome(absl::StrCat("{\"text\":\"", deep, "\"}")), "engine_error");
  EXPECT_EQ(Outcome(R"({"text":"[1]"})"), "allowed");
}

}  // namespace
}  // namespace nexus::policy
