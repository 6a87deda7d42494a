#include "policy/wasm/embedded_decider.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/asking.h"
#include "policy/compiled_policies.h"
#include "policy/embedded.h"
#include "policy/enforcement.h"
#include "policy/failure.h"
#include "policy/real_opa.h"

namespace nexus::policy {
namespace {

using testing::HasSubstr;

EmbeddedDeciderOptions Uncached() {
  EmbeddedDeciderOptions options;
  options.cache_bytes_max = 0;
  return options;
}

class EmbeddedDeciderTest : public testing::Test {
 protected:
  void SetUp() override { RequireOpa(); }

  void Start(const Sources& sources, const EmbeddedDeciderOptions& options = {}) {
    auto bundle = Compile(sources);
    ASSERT_TRUE(bundle.ok()) << bundle.status();
    const absl::Status started = embedded_.Start(*std::move(bundle), options);
    ASSERT_TRUE(started.ok()) << started;
  }
  // "allowed", "denied" or why it was not decided.
  std::string Outcome(const std::string& input) {
    const auto answer = Ask(embedded_.decider(), input);
    if (!answer.ok()) return FailureOf(answer.status());
    return answer->allow ? "allowed" : "denied";
  }

  Embedded embedded_;
};

TEST_F(EmbeddedDeciderTest, DecidesByTheData) {
  Start({{"a.rego", R"(package nexus.append
decision := {"allow": input.who in data.writers, "deny": []})"},
         {"data.json", R"({"writers": ["a", "b"]})"}});
  EXPECT_EQ(Outcome(R"({"who":"a"})"), "allowed");
  EXPECT_EQ(Outcome(R"({"who":"c"})"), "denied");
}

TEST_F(EmbeddedDeciderTest, TellsThatThePolicyPermittedWhatIsAllowed) {
  Start(DenyIf("input.n == 1"));
  const auto answer = Ask(embedded_.decider(), R"({"n":2})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->allow);
  EXPECT_TRUE(answer->permitted);
}

TEST_F(EmbeddedDeciderTest, TellsTheRuleAndItsMessage) {
  Start({{"a.rego", R"(package nexus.append
decision := {"allow": false, "deny": [d | some d in deny]}
deny contains {"rule": "size", "message": message} if {
  input.n > 3
  message := sprintf("%d is more than %v", [input.n, 3.5])
})"}});
  const auto answer = Ask(embedded_.decider(), R"({"n":4})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->denials.size(), 1);
  EXPECT_EQ(answer->denials[0].rule, "size");
  EXPECT_EQ(answer->denials[0].message, "4 is more than 3.5");
}

TEST_F(EmbeddedDeciderTest, LeavesUndecidedWhatHasNoShape) {
  Start({{"a.rego", R"(package nexus.append
decision := {"allow": true} if input.n == 1
decision := {"allow": "yes", "deny": []} if input.n == 2
decision := {"allow": true, "deny": [{"rule": 1, "message": ""}]} if input.n == 3)"}});
  EXPECT_EQ(Outcome(R"({"n":1})"), "malformed_answer");
  EXPECT_EQ(Outcome(R"({"n":2})"), "malformed_answer");
  EXPECT_EQ(Outcome(R"({"n":3})"), "malformed_answer");
  EXPECT_EQ(Outcome(R"({"n":4})"), "undefined");
}

TEST_F(EmbeddedDeciderTest, LeavesUndecidedWhatConflicts) {
  Start({{"a.rego", R"(package nexus.append
decision := {"allow": true, "deny": []} if input.a
decision := {"allow": false, "deny": []} if input.b)"}});
  EXPECT_EQ(Outcome(R"({"a":true,"b":true})"), "engine_error");
  EXPECT_EQ(Outcome(R"({"a":true,"b":false})"), "allowed");
}

TEST_F(EmbeddedDeciderTest, LeavesUndecidedAnInputThatIsUnsound) {
  Start({{"a.rego",
          "package nexus.append\ndecision := {\"allow\": is_number(input.a), \"deny\": []}"}},
        Uncached());
  for (const std::string input : {"", "{", "[]", "1", "{} {}", "{\"a\":01}"}) {
    EXPECT_EQ(Outcome(input), "engine_error") << input;
  }
}

TEST_F(EmbeddedDeciderTest, AnswersAgainFromTheCacheWhatReadsTheSame) {
  Start(DenyIf("input.principal.name == \"x\""));
  EXPECT_EQ(Outcome(R"({"principal":{"name":"x"},"tenant":1})"), "denied");
  EXPECT_EQ(Outcome(R"({"principal":{"name":"x","roles":[]},"tenant":2})"), "denied");
  EXPECT_EQ(embedded_.Decisions("evaluation"), 1);
  EXPECT_EQ(embedded_.Decisions("cache"), 1);
  EXPECT_EQ(Outcome(R"({"principal":{"name":"y"},"tenant":1})"), "allowed");
  EXPECT_EQ(embedded_.Decisions("evaluation"), 2);
}

constexpr char kNamesItsStreams[] = R"(
input.streams[_].system
m := sprintf("%s", [input.name]))";

// The streams' names are read by nothing but messages, and there is none.
TEST_F(EmbeddedDeciderTest, AnswersFromTheCacheWhateverOnlyAMessageWouldName) {
  Start(DenyIf(kNamesItsStreams));
  EXPECT_EQ(Outcome(R"({"name":"x","streams":[{"system":false}]})"), "allowed");
  EXPECT_EQ(Outcome(R"({"name":"y","streams":[{"system":false}]})"), "allowed");
  EXPECT_EQ(embedded_.Decisions("cache"), 1);
  EXPECT_EQ(embedded_.Decisions("evaluation"), 1);
}

TEST_F(EmbeddedDeciderTest, TellsDecisionsApartWhoseMessagesDiffer) {
  Start({{"append.rego", R"(package nexus.append
decision := {"allow": count(deny) == 0, "deny": [d | some d in deny]}
deny contains {"rule": "r", "message": sprintf("not %s", [input.name])} if input.system)"}});
  const auto denial = [this](const std::string& name) {
    return Ask(embedded_.decider(), R"({"system":true,"name":")" + name + "\"}")->denials.at(0);
  };
  EXPECT_EQ(denial("x").message, "not x");
  EXPECT_EQ(denial("y").message, "not y");
  EXPECT_EQ(embedded_.Decisions("cache"), 0);
  EXPECT_EQ(denial("x").message, "not x");
  EXPECT_EQ(embedded_.Decisions("cache"), 1);
}

TEST_F(EmbeddedDeciderTest, CachesNoFailure) {
  Start(DenyIf("to_number(input.s) > 1"));
  EXPECT_EQ(Outcome(R"({"s":"x"})"), "engine_error");
  EXPECT_EQ(Outcome(R"({"s":"x"})"), "engine_error");
  EXPECT_EQ(embedded_.Decisions("failure"), 2);
  EXPECT_EQ(embedded_.Decisions("cache"), 0);
}

TEST_F(EmbeddedDeciderTest, SeesNothingOfOneInputInTheNext) {
  Start(DenyIf("some x in input.list\nx == \"bad\""), Uncached());
  for (int i = 0; i < 200; ++i) {
    std::string list = "\"good\"";
    for (int k = 0; k < i * 7; ++k) absl::StrAppend(&list, ",\"", k, "\"");
    EXPECT_EQ(Outcome(absl::StrCat("{\"list\":[", list, i % 2 == 0 ? ",\"bad\"" : "", "]}")),
              i % 2 == 0 ? "denied" : "allowed");
  }
}

TEST_F(EmbeddedDeciderTest, TakesLargeInputs) {
  EmbeddedDeciderOptions options;
  options.limits.evaluation_max = absl::Seconds(20);
  Start(DenyIf("count(input.text) > 3000000"), options);
  EXPECT_EQ(Outcome(absl::StrCat("{\"text\":\"", std::string(3'000'001, 'x'), "\"}")), "denied");
  EXPECT_EQ(Outcome(absl::StrCat("{\"text\":\"", std::string(3'000'000, 'x'), "\"}")), "allowed");
}

TEST_F(EmbeddedDeciderTest, DecidesByTheNewPoliciesAtOnce) {
  Start(DenyIf("input.n == 1"));
  EXPECT_EQ(Outcome(R"({"n":1})"), "denied");
  const std::string before = embedded_.decider().State().revision;
  ASSERT_TRUE(embedded_.decider().Replace(*Compile(DenyIf("input.n == 2"))).ok());
  EXPECT_NE(embedded_.decider().State().revision, before);
  EXPECT_EQ(Outcome(R"({"n":1})"), "allowed");
  EXPECT_EQ(Outcome(R"({"n":2})"), "denied");
  EXPECT_EQ(Ask(embedded_.decider(), R"({"n":2})")->revision, embedded_.decider().State().revision);
}

TEST_F(EmbeddedDeciderTest, KeepsTheOldPoliciesWhenTheNewOnesCannotBeUsed) {
  Start(DenyIf("input.n == 1"));
  const std::string before = embedded_.decider().State().revision;
  WasmBundle bad;
  bad.wasm = "no wasm";
  EXPECT_EQ(ReasonOf(embedded_.decider().Replace(bad)), ErrorReason::kConfigurationInvalid);
  EXPECT_EQ(embedded_.decider().State().revision, before);
  EXPECT_EQ(Outcome(R"({"n":1})"), "denied");
  EXPECT_EQ(embedded_.metrics().Value("nexus_policy_reloads_total{result=refused}"), 1);
}

TEST_F(EmbeddedDeciderTest, RefusesABundleThatNeedsTheWorldAndNamesWhat) {
  auto bundle = Compile(DenyIf("time.now_ns() > input.n\nhttp.send({\"url\": input.u}).ok"));
  ASSERT_TRUE(bundle.ok()) << bundle.status();
  const absl::Status refused = embedded_.Start(*std::move(bundle));
  EXPECT_EQ(ReasonOf(refused), ErrorReason::kConfigurationInvalid);
  EXPECT_THAT(refused.message(), HasSubstr("http.send, time.now_ns"));
}

TEST_F(EmbeddedDeciderTest, AnswersEveryQuestionOfManyThreadsWhilePoliciesChange) {
  EmbeddedDeciderOptions options;
  options.threads = 2;
  options.cache_bytes_max = 64 << 10;
  Start(DenyIf("input.n % 3 == 0"), options);
  const WasmBundle other = *Compile(DenyIf("input.n % 3 == 0\ntrue"));
  std::vector<std::thread> threads;
  std::atomic<int> wrong{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      std::vector<Pending> asked;
      for (int i = 0; i < 500; ++i) {
        asked.emplace_back(embedded_.decider(), "append", absl::StrCat("{\"n\":", t * 500 + i, "}"),
                           absl::Seconds(30));
      }
      for (int i = 0; i < 500; ++i) {
        const auto& answer = asked[static_cast<size_t>(i)].Get();
        if (!answer.ok() || answer->allow != ((t * 500 + i) % 3 != 0)) ++wrong;
      }
    });
  }
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(embedded_.decider().Replace(other).ok());
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(EmbeddedDeciderTest, FailsWhatWaitsWhenItStops) {
  std::vector<Pending> asked;
  {
    Embedded embedded;
    ASSERT_TRUE(embedded.Start(*Compile(DenyIf("input.n == 1")), Uncached()).ok());
    for (int i = 0; i < 2000; ++i) {
      asked.emplace_back(embedded.decider(), "append", absl::StrCat("{\"n\":", i, "}"),
                         absl::Seconds(30));
    }
  }
  for (const Pending& one : asked) {
    ASSERT_TRUE(one.answered());
    EXPECT_TRUE(one.Get().ok() || FailureOf(one.Get().status()) == "stopped");
  }
}

// Beside those that decide for everybody.
class PoliciesBesideTest : public EmbeddedDeciderTest {
 protected:
  std::shared_ptr<EmbeddedPolicies> Load(const std::string& denied_if) {
    auto bundle = Compile(DenyIf(denied_if));
    EXPECT_TRUE(bundle.ok()) << bundle.status();
    auto policies = embedded_.decider().Compile(*std::move(bundle));
    EXPECT_TRUE(policies.ok()) << policies.status();
    return policies.ok() ? *policies : nullptr;
  }
  // "allowed", "denied" or why it was not decided.
  std::string OutcomeBy(const std::shared_ptr<EmbeddedPolicies>& policies, const std::string& input,
                        const std::string& operation = "append") {
    absl::Notification there;
    absl::StatusOr<PolicyAnswer> said;
    embedded_.decider().DecideBy(policies, {operation, input}, absl::Seconds(20),
                                 [&](absl::StatusOr<PolicyAnswer> answer) {
                                   said = std::move(answer);
                                   there.Notify();
                                 });
    there.WaitForNotification();
    if (!said.ok()) return FailureOf(said.status());
    EXPECT_EQ(said->revision, policies->program->revision());
    return said->allow ? "allowed" : "denied";
  }
};

TEST_F(PoliciesBesideTest, EachDecidesByItself) {
  EmbeddedDeciderOptions options;
  options.instances_max = 2;
  ASSERT_TRUE(embedded_.Start(std::nullopt, options).ok());
  const auto ones = Load("input.n == 1"), twos = Load("input.n == 2"),
             threes = Load("input.n == 3");
  // More of them than a thread keeps ready.
  for (int round = 0; round < 3; ++round) {
    const std::string more = absl::StrCat(",\"round\":", round, "}");
    EXPECT_EQ(OutcomeBy(ones, "{\"n\":1" + more), "denied");
    EXPECT_EQ(OutcomeBy(twos, "{\"n\":1" + more), "allowed");
    EXPECT_EQ(OutcomeBy(threes, "{\"n\":3" + more), "denied");
    EXPECT_EQ(OutcomeBy(twos, "{\"n\":2" + more), "denied");
  }
  // And none of them for everybody.
  EXPECT_EQ(Outcome(R"({"n":7})"), kNoPolicies);
  EXPECT_EQ(OutcomeBy(ones, "{}", "execute"), kUndefined);
}

TEST_F(PoliciesBesideTest, OneThatFailsCostsNoOther) {
  EmbeddedDeciderOptions options = Uncached();
  options.limits.evaluation_max = absl::Seconds(2);  // also of the good ones, on a busy machine
  ASSERT_TRUE(embedded_.Start(std::nullopt, options).ok());
  const auto good = Load("input.n == 1");
  const auto endless = Load(
      "count([x | some x in numbers.range(1, input.n); some y in "
      "numbers.range(1, input.n); x * y == -1]) == 1");
  // It runs out of its time or of its memory.
  EXPECT_THAT(OutcomeBy(endless, R"({"n":100000})"), testing::AnyOf(kTimeout, kEngineError));
  EXPECT_EQ(OutcomeBy(good, R"({"n":1})"), "denied");
  EXPECT_EQ(OutcomeBy(endless, R"({"n":2})"), "allowed");
}

TEST_F(EmbeddedDeciderTest, HearsEachRuleHoweverOftenAnotherSpeaks) {
  Start({{"a.rego", R"(package nexus.append
decision := {"allow": true, "deny": [d | some d in deny]}

# METADATA
# title: often
# custom:
#   rule: often
deny contains {"rule": "often", "message": sprintf("a%04d", [n])} if some n in numbers.range(1, 500)

# METADATA
# title: once
# custom:
#   rule: once
deny contains {"rule": "once", "message": "z"}
)"},
         {"data.json", R"({"nexus": {"enforcement": {"append": {"often": {"mode": "warn"}}}}})"}});
  auto answer = Ask(embedded_.decider(), "{}");
  ASSERT_TRUE(answer.ok()) << answer.status();
  Enforce("append", 0, *answer);
  EXPECT_FALSE(answer->allow);
  ASSERT_EQ(answer->denials.size(), 1u);
  EXPECT_EQ(answer->denials.front().rule, "once");
}

// What the host makes for a policy is in no instance's memory.
TEST_F(EmbeddedDeciderTest, BoundsWhatBuiltInFunctionsMake) {
  Start(
      {{"a.rego", R"(package nexus.append
decision := {"allow": count(made) > 0, "deny": []}
made := regex.replace(data.text, "a", data.text) if input.of == "replace"
made := sprintf(data.format, [1]) if input.of == "sprintf"
made := "well" if input.of == "nothing"
)"},
       {"data.json",
        absl::StrCat(R"({"text":")", std::string(300'000, 'a'), R"(","format":")",
                     absl::StrReplaceAll(std::string(1'000, 'x'), {{"x", "%[1]9999d"}}), "\"}")}});
  EXPECT_EQ(Outcome(R"({"of":"replace"})"), kEngineError);
  EXPECT_EQ(Outcome(R"({"of":"sprintf"})"), kEngineError);
  EXPECT_EQ(Outcome(R"({"of":"nothing"})"), "allowed");
}

}  // namespace
}  // namespace nexus::policy
