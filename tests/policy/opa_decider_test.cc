#include "policy/opa/opa_decider.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "fake/eventually.h"
#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/scripted_server.h"
#include "policy/steady_clock.h"
#include "policy/temporary_folder.h"

namespace nexus::policy {
namespace {

using Answerer = std::function<ScriptedReply(const std::string& body)>;

ScriptedReply Allow(const std::string& body) { return {DecideAll(body, kAllow)}; }

// A decider against a server that answers probes well and questions as the test says.
class OpaDeciderTest : public testing::Test {
 protected:
  OpaDeciderTest() {
    options_.address = "unix:" + folder_.Sub("opa.sock");
    options_.limits.breaker = {3, absl::Milliseconds(5), absl::Milliseconds(20)};
  }

  void Serve(Answerer answerer) {
    server_.reset();
    server_.emplace(folder_.Sub("opa.sock"),
                    [answerer = std::move(answerer)](const std::string&, const std::string& body) {
                      return CountItems(body) == 0 ? Allow(body) : answerer(body);
                    });
  }
  void ServeRaw(ScriptedServer::Script script) {
    server_.reset();
    server_.emplace(folder_.Sub("opa.sock"), std::move(script));
  }
  OpaDecider& Decider() {
    if (decider_ == nullptr) decider_ = *OpaDecider::Create(options_, clock_);
    return *decider_;
  }
  bool Ready() {
    return fake::Eventually([this] { return Decider().State().ready; });
  }
  bool NotReady() {
    return fake::Eventually([this] { return !Decider().State().ready; });
  }
  std::string FailureWith(const Answerer& answerer) {
    Serve(answerer);
    return FailureOf(Ask(Decider(), "{}").status());
  }

  const TemporaryFolder folder_;
  const SteadyClock clock_;
  OpaDeciderOptions options_;
  std::optional<ScriptedServer> server_;
  std::unique_ptr<OpaDecider> decider_;
};

TEST_F(OpaDeciderTest, RefusesAnAddressThatIsNone) {
  options_.address = "nowhere";
  EXPECT_EQ(ReasonOf(OpaDecider::Create(options_, clock_).status()),
            ErrorReason::kConfigurationInvalid);
}

TEST_F(OpaDeciderTest, GivesTheDecisionAndItsRevision) {
  Serve(Allow);
  const auto answer = Ask(Decider(), R"({"n":1})");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->allow);
  EXPECT_EQ(answer->revision, "r1");
}

TEST_F(OpaDeciderTest, GivesADenialWithRuleAndMessage) {
  Serve([](const std::string& body) {
    return ScriptedReply{DecideAll(body, R"({"allow":false,"deny":[{"rule":"r","message":"m"}]})")};
  });
  const auto answer = Ask(Decider(), "{}");
  ASSERT_TRUE(answer.ok());
  EXPECT_FALSE(answer->allow);
  EXPECT_EQ(answer->denials, (std::vector<PolicyDenial>{{"r", "m"}}));
}

TEST_F(OpaDeciderTest, SaysWhatItIsAndWhetherItIsReady) {
  options_.engine = "opa (supervised)";
  Serve(Allow);
  ASSERT_TRUE(Ready());
  const PolicyState state = Decider().State();
  EXPECT_EQ(state.engine, "opa (supervised)");
  EXPECT_EQ(state.revision, "r1");
  EXPECT_EQ(state.reason, "");
}

TEST_F(OpaDeciderTest, SaysWhyItIsNotReady) {
  ASSERT_TRUE(fake::Eventually(
      [this] { return absl::StrContains(Decider().State().reason, "No such file or directory"); }));
  EXPECT_FALSE(Decider().State().ready);
  EXPECT_EQ(Decider().State().engine, "opa at " + options_.address);
}

TEST_F(OpaDeciderTest, RefusesAnOperationThatIsNoWord) {
  Serve(Allow);
  for (const char* operation : {"", "a\"b", "Append", "a b"}) {
    const Pending pending(Decider(), operation, "{}", absl::Seconds(5));
    EXPECT_EQ(FailureOf(pending.Get().status()), "malformed_question") << operation;
  }
}

// --- What is not an answer is POLICY_UNAVAILABLE ---

TEST_F(OpaDeciderTest, DoesNotAdmitWhenNobodyListens) {
  EXPECT_TRUE(absl::IsUnavailable(Ask(Decider(), "{}").status()));
}

TEST_F(OpaDeciderTest, DoesNotAdmitWhatIsUndefined) {
  EXPECT_EQ(
      FailureWith([](const std::string&) { return ScriptedReply{Http(200, R"({"result":{}})")}; }),
      "undefined");
}

TEST_F(OpaDeciderTest, DoesNotAdmitWithoutAResult) {
  EXPECT_EQ(FailureWith([](const std::string&) { return ScriptedReply{Http(200, "{}")}; }),
            "undefined");
}

TEST_F(OpaDeciderTest, DoesNotAdmitADecisionOfAnotherShape) {
  EXPECT_EQ(
      FailureWith([](const std::string& body) { return ScriptedReply{DecideAll(body, "true")}; }),
      "malformed_answer");
}

TEST_F(OpaDeciderTest, DoesNotAdmitGarbage) {
  EXPECT_EQ(FailureWith([](const std::string&) { return ScriptedReply{"\x01\x02\r\n\r\n"}; }),
            "malformed_answer");
}

TEST_F(OpaDeciderTest, DoesNotAdmitGarbageInAGoodFrame) {
  EXPECT_EQ(FailureWith([](const std::string&) { return ScriptedReply{Http(200, "<html>")}; }),
            "malformed_answer");
}

TEST_F(OpaDeciderTest, DoesNotAdmitATruncatedAnswer) {
  EXPECT_EQ(FailureWith([](const std::string& body) {
              std::string whole = DecideAll(body, kAllow);
              whole.resize(whole.size() - 1);
              return ScriptedReply{whole, true};
            }),
            "unreachable");
}

TEST_F(OpaDeciderTest, DoesNotAdmitAnAnswerThatIsTooLarge) {
  options_.lane.answer_bytes_max = 1000;
  EXPECT_EQ(FailureWith([](const std::string&) {
              return ScriptedReply{Http(200, std::string(2000, ' '))};
            }),
            "malformed_answer");
}

TEST_F(OpaDeciderTest, DoesNotAdmitAServerError) {
  EXPECT_EQ(FailureWith([](const std::string&) { return ScriptedReply{Http(503, "busy")}; }),
            "engine_error");
}

TEST_F(OpaDeciderTest, DoesNotAdmitARedirection) {
  EXPECT_EQ(FailureWith([](const std::string& body) {
              return ScriptedReply{
                  absl::StrCat("HTTP/1.1 302 Found", DecideAll(body, kAllow).substr(17))};
            }),
            "engine_error");
}

TEST_F(OpaDeciderTest, DoesNotAdmitWhatComesTooLate) {
  Serve([](const std::string&) { return ScriptedReply{}; });
  ASSERT_TRUE(Ready());
  EXPECT_EQ(FailureOf(Ask(Decider(), "{}", absl::Milliseconds(20)).status()), "timeout");
}

TEST_F(OpaDeciderTest, DoesNotWaitLongerThanAsked) {
  Serve([](const std::string&) { return ScriptedReply{}; });
  ASSERT_TRUE(Ready());
  const absl::Duration start = clock_.Monotonic();
  const Pending patient(Decider(), "append", "{}", absl::Seconds(60));
  EXPECT_FALSE(Ask(Decider(), "{}", absl::Milliseconds(20)).ok());
  EXPECT_LT(clock_.Monotonic() - start, absl::Seconds(10));
  EXPECT_FALSE(patient.answered());
}

TEST_F(OpaDeciderTest, GivesUpAtOnceWithoutTime) {
  Serve(Allow);
  ASSERT_TRUE(Ready());
  EXPECT_EQ(FailureOf(Ask(Decider(), "{}", absl::ZeroDuration()).status()), "timeout");
}

TEST_F(OpaDeciderTest, FailsWhatWaitsWhenItIsStopped) {
  Serve([](const std::string&) { return ScriptedReply{}; });
  ASSERT_TRUE(Ready());
  std::vector<Pending> pending;
  for (int i = 0; i < 10; ++i) {
    pending.emplace_back(Decider(), "append", absl::StrCat(i), absl::Seconds(60));
  }
  decider_.reset();
  for (const Pending& one : pending) EXPECT_EQ(FailureOf(one.Get().status()), "stopped");
}

// --- Batches ---

// Answers only once the test says so, so that questions pile up.
struct Gate {
  absl::Notification open;
  Answerer Then(Answerer answerer) {
    return [this, answerer = std::move(answerer)](const std::string& body) {
      open.WaitForNotification();
      return answerer(body);
    };
  }
};

TEST_F(OpaDeciderTest, AsksWhatWaitsTogether) {
  Gate gate;
  Serve(gate.Then(Allow));
  std::vector<Pending> pending;
  for (int i = 0; i < 200; ++i) {
    pending.emplace_back(Decider(), "append", absl::StrCat("{\"n\":", i, "}"), absl::Seconds(30));
  }
  gate.open.Notify();
  for (const Pending& one : pending) EXPECT_TRUE(one.Get().ok()) << one.Get().status();
  EXPECT_LE(server_->questions().size(), 200u / 64 + 1 + 2);
}

TEST_F(OpaDeciderTest, AsksEqualQuestionsThatWaitOnce) {
  Gate gate;
  Serve(gate.Then(Allow));
  std::vector<Pending> pending;
  for (int i = 0; i < 60; ++i) {
    pending.emplace_back(Decider(), "append", R"({"n":7})", absl::Seconds(30));
  }
  gate.open.Notify();
  for (const Pending& one : pending) EXPECT_TRUE(one.Get().ok());
  size_t items = 0;
  for (const std::string& body : server_->questions()) items += CountItems(body);
  EXPECT_LE(items, 4u);
}

TEST_F(OpaDeciderTest, RefusesMoreThanItsQueueHolds) {
  options_.limits.queue_max = 4;
  options_.connections = 1;
  options_.limits.batch.items_max = 1;
  Gate gate;
  Serve(gate.Then(Allow));
  ASSERT_TRUE(Ready());
  std::vector<Pending> pending;
  for (int i = 0; i < 50; ++i) pending.emplace_back(Decider(), "append", "{}", absl::Seconds(30));
  EXPECT_EQ(FailureOf(pending.back().Get().status()), "queue_full");
  gate.open.Notify();
  const auto refused = std::count_if(pending.begin(), pending.end(),
                                     [](const Pending& one) { return !one.Get().ok(); });
  EXPECT_GE(refused, 45);
  EXPECT_LE(refused, 46);
}

constexpr char kConflict[] = R"({"code":"internal_error","message":"conflict"})";

TEST_F(OpaDeciderTest, LetsOneInputThatBreaksAPolicyHurtNobodyElse) {
  Gate gate;
  Serve(gate.Then([](const std::string& body) {
    if (absl::StrContains(body, "poison")) return ScriptedReply{Http(500, kConflict)};
    return Allow(body);
  }));
  std::vector<Pending> pending;
  for (int i = 0; i < 20; ++i) {
    pending.emplace_back(Decider(), "append", absl::StrCat("{\"n\":", i, "}"), absl::Seconds(30));
  }
  const Pending poison(Decider(), "append", R"("poison")", absl::Seconds(30));
  gate.open.Notify();
  EXPECT_EQ(FailureOf(poison.Get().status()), "engine_error");
  for (const Pending& one : pending) EXPECT_TRUE(one.Get().ok()) << one.Get().status();
}

TEST_F(OpaDeciderTest, DoesNotOpenTheCircuitForInputsThatBreakAPolicy) {
  Serve([](const std::string&) { return ScriptedReply{Http(500, kConflict)}; });
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(FailureOf(Ask(Decider(), "{}").status()), "engine_error");
  }
  EXPECT_TRUE(Decider().State().ready);
}

TEST_F(OpaDeciderTest, AnswersManyThreadsAtOnce) {
  Serve(Allow);
  OpaDecider& decider = Decider();
  std::vector<std::thread> threads;
  std::atomic<int> allowed = 0;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 100; ++i) {
        const auto answer = Ask(decider, absl::StrCat("{\"n\":", t * 100 + i, "}"));
        if (answer.ok() && answer->allow) ++allowed;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(allowed, 800);
}

// --- Connections ---

TEST_F(OpaDeciderTest, KeepsItsConnections) {
  Serve(Allow);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Ask(Decider(), "{}").ok());
  EXPECT_LE(server_->connections(), 2);
}

TEST_F(OpaDeciderTest, AsksAgainWhenAnIdleConnectionHadBeenClosed) {
  Serve([](const std::string& body) { return ScriptedReply{DecideAll(body, kAllow), true}; });
  for (int i = 0; i < 50; ++i) {
    const auto answer = Ask(Decider(), "{}");
    ASSERT_TRUE(answer.ok()) << answer.status();
  }
}

TEST_F(OpaDeciderTest, ReadsAnswersInChunks) {
  ServeRaw([](const std::string&, const std::string& body) {
    const std::string whole = DecideAll(body, kAllow);
    const std::string json = whole.substr(whole.find("\r\n\r\n") + 4);
    return ScriptedReply{absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
                                      absl::Hex(json.size()), "\r\n", json, "\r\n0\r\n\r\n")};
  });
  EXPECT_TRUE(Ask(Decider(), "{}").ok());
}

TEST_F(OpaDeciderTest, SendsARequestLargerThanAnySocketBuffer) {
  Serve(Allow);
  const std::string large = absl::StrCat("\"", std::string(3 << 20, 'x'), "\"");
  EXPECT_TRUE(Ask(Decider(), large).ok());
}

// --- The circuit ---

TEST_F(OpaDeciderTest, FailsAtOnceAfterFailuresInARow) {
  Serve([](const std::string&) { return ScriptedReply{"", true}; });
  options_.limits.breaker.probe_after_min = absl::Hours(1);
  options_.limits.breaker.probe_after_max = absl::Hours(1);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(FailureOf(Ask(Decider(), "{}").status()), "unreachable");
  EXPECT_EQ(FailureOf(Ask(Decider(), "{}").status()), "circuit_open");
  EXPECT_FALSE(Decider().State().ready);
}

TEST_F(OpaDeciderTest, FailsWhatWaitsWhenTheCircuitOpens) {
  options_.connections = 1;
  options_.limits.batch.items_max = 1;
  options_.limits.breaker = {1, absl::Hours(1), absl::Hours(1)};
  Gate gate;
  Serve(gate.Then([](const std::string&) { return ScriptedReply{"", true}; }));
  ASSERT_TRUE(Ready());
  std::vector<Pending> pending;
  for (int i = 0; i < 10; ++i) pending.emplace_back(Decider(), "append", "{}", absl::Seconds(60));
  gate.open.Notify();
  EXPECT_EQ(FailureOf(pending.front().Get().status()), "unreachable");
  EXPECT_EQ(FailureOf(pending.back().Get().status()), "circuit_open");
}

TEST_F(OpaDeciderTest, OpensTheCircuitForAnEngineThatIsAlwaysLate) {
  Serve([](const std::string&) { return ScriptedReply{}; });
  options_.limits.breaker.probe_after_min = absl::Hours(1);
  options_.limits.breaker.probe_after_max = absl::Hours(1);
  ASSERT_TRUE(Ready());
  // On a busy machine the patience of a caller may end before the engine was asked; that says
  // nothing about the engine and does not count.
  int timeouts = 0;
  while (Decider().State().ready && timeouts < 200) {
    const std::string failure = FailureOf(Ask(Decider(), "{}", absl::Milliseconds(15)).status());
    if (failure == "circuit_open") break;
    ASSERT_EQ(failure, "timeout");
    ++timeouts;
  }
  EXPECT_GE(timeouts, 3);
  EXPECT_TRUE(NotReady());
}

TEST_F(OpaDeciderTest, KeepsTheCircuitClosedForCallersWithoutPatience) {
  Serve([](const std::string&) { return ScriptedReply{}; });
  options_.lane.timeout_counts_after = absl::Hours(1);
  ASSERT_TRUE(Ready());
  for (int i = 0; i < 10; ++i) {
    EXPECT_EQ(FailureOf(Ask(Decider(), "{}", absl::Milliseconds(2)).status()), "timeout");
  }
  EXPECT_TRUE(Decider().State().ready);
}

TEST_F(OpaDeciderTest, RecoversByItselfWhenTheServerComesBack) {
  Serve(Allow);
  ASSERT_TRUE(Ask(Decider(), "{}").ok());
  server_.reset();
  ASSERT_TRUE(NotReady());
  EXPECT_EQ(FailureOf(Ask(Decider(), "{}").status()), "circuit_open");
  Serve(Allow);
  ASSERT_TRUE(Ready());
  EXPECT_TRUE(Ask(Decider(), "{}").ok());
}

TEST_F(OpaDeciderTest, NoticesTheEndOfAnIdleServer) {
  Serve(Allow);
  ASSERT_TRUE(Ready());
  server_.reset();
  EXPECT_TRUE(NotReady());
}

TEST_F(OpaDeciderTest, LetsQuestionsWaitForTheFirstProbe) {
  Gate gate;
  ServeRaw([&](const std::string&, const std::string& body) {
    gate.open.WaitForNotification();
    return Allow(body);
  });
  const Pending pending(Decider(), "append", "{}", absl::Seconds(30));
  EXPECT_FALSE(pending.answered());
  gate.open.Notify();
  EXPECT_TRUE(pending.Get().ok());
}

TEST_F(OpaDeciderTest, GivesUpAProbeThatIsNeverAnswered) {
  options_.lane.probe_timeout = absl::Milliseconds(5);
  ServeRaw([](const std::string&, const std::string&) { return ScriptedReply{}; });
  EXPECT_TRUE(fake::Eventually([this] { return Decider().State().reason == "no answer in time"; }));
}

TEST_F(OpaDeciderTest, ProbesAnEngineThatNobodyAsks) {
  options_.limits.idle_probe_after = absl::Milliseconds(5);
  std::atomic<int> revision = 0;
  ServeRaw([&](const std::string&, const std::string&) {
    return ScriptedReply{
        Http(200, absl::StrCat(R"({"result":{},"provenance":{"bundles":{"b":{"revision":"r)",
                               ++revision, R"("}}}})"))};
  });
  const auto later_than_first = [this] {
    const std::string seen = Decider().State().revision;
    return !seen.empty() && seen != "r1";
  };
  EXPECT_TRUE(fake::Eventually(later_than_first));
}

// --- The batch module ---

TEST_F(OpaDeciderTest, PutsItsModuleIntoAnEngineThatLacksIt) {
  std::atomic<bool> there = false;
  ServeRaw([&](const std::string& head, const std::string& body) {
    if (absl::StartsWith(head, "PUT /v1/policies/nexus_batch ")) {
      there = absl::StrContains(body, "package nexus.batch");
      return ScriptedReply{Http(200, "{}")};
    }
    return there ? Allow(body) : ScriptedReply{Http(200, "{}")};
  });
  EXPECT_TRUE(Ask(Decider(), "{}").ok());
}

TEST_F(OpaDeciderTest, SaysThatItsModuleIsNotTaken) {
  ServeRaw([&](const std::string& head, const std::string&) {
    if (absl::StartsWith(head, "PUT ")) {
      return ScriptedReply{
          Http(400, R"({"code":"invalid_parameter","message":"all paths owned by bundle"})")};
    }
    return ScriptedReply{Http(200, "{}")};
  });
  EXPECT_TRUE(fake::Eventually(
      [this] { return absl::StrContains(Decider().State().reason, "all paths owned by bundle"); }));
}

}  // namespace
}  // namespace nexus::policy
