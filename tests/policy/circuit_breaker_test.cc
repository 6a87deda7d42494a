#include "policy/opa/circuit_breaker.h"

#include "gtest/gtest.h"

namespace nexus::policy {
namespace {

using State = CircuitBreaker::State;

constexpr absl::Duration kStart = absl::Seconds(100);

CircuitBreakerOptions Options() { return {3, absl::Milliseconds(50), absl::Milliseconds(150)}; }

CircuitBreaker Closed() {
  CircuitBreaker breaker(Options());
  breaker.OnProbeStarted();
  breaker.OnProbeSucceeded();
  return breaker;
}

CircuitBreaker Opened() {
  CircuitBreaker breaker = Closed();
  for (int i = 0; i < 3; ++i) breaker.OnFailure("it is down", kStart);
  return breaker;
}

TEST(CircuitBreaker, LetsQuestionsWaitForTheFirstProbe) {
  const CircuitBreaker breaker(Options());
  EXPECT_TRUE(breaker.Accepts());
  EXPECT_FALSE(breaker.Asks());
  EXPECT_EQ(breaker.ProbeDue(), absl::ZeroDuration());
}

TEST(CircuitBreaker, ProbesOnceAtATime) {
  CircuitBreaker breaker(Options());
  breaker.OnProbeStarted();
  EXPECT_EQ(breaker.ProbeDue(), absl::InfiniteDuration());
}

TEST(CircuitBreaker, OpensIfTheFirstProbeFails) {
  CircuitBreaker breaker(Options());
  breaker.OnProbeStarted();
  breaker.OnProbeFailed("nobody there", kStart);
  EXPECT_FALSE(breaker.Accepts());
  EXPECT_EQ(breaker.reason(), "nobody there");
  EXPECT_EQ(breaker.ProbeDue(), kStart + absl::Milliseconds(50));
}

TEST(CircuitBreaker, StaysClosedBelowTheLimit) {
  CircuitBreaker breaker = Closed();
  EXPECT_FALSE(breaker.OnFailure("x", kStart));
  EXPECT_FALSE(breaker.OnFailure("x", kStart));
  EXPECT_TRUE(breaker.Asks());
}

TEST(CircuitBreaker, CountsFailuresInARowOnly) {
  CircuitBreaker breaker = Closed();
  for (int i = 0; i < 10; ++i) {
    breaker.OnFailure("x", kStart);
    breaker.OnFailure("x", kStart);
    breaker.OnSuccess();
  }
  EXPECT_TRUE(breaker.Asks());
}

TEST(CircuitBreaker, OpensAtTheLimitAndSaysSoOnce) {
  CircuitBreaker breaker = Closed();
  breaker.OnFailure("x", kStart);
  breaker.OnFailure("x", kStart);
  EXPECT_TRUE(breaker.OnFailure("it is down", kStart));
  EXPECT_FALSE(breaker.OnFailure("it is down", kStart));
  EXPECT_EQ(breaker.state(), State::kOpen);
  EXPECT_EQ(breaker.reason(), "it is down");
}

TEST(CircuitBreaker, AcceptsNothingWhileAProbeIsUnderWay) {
  CircuitBreaker breaker = Opened();
  breaker.OnProbeStarted();
  EXPECT_EQ(breaker.state(), State::kProbing);
  EXPECT_FALSE(breaker.Accepts());
  EXPECT_EQ(breaker.ProbeDue(), absl::InfiniteDuration());
}

TEST(CircuitBreaker, ClosesWhenAProbeSucceeds) {
  CircuitBreaker breaker = Opened();
  breaker.OnProbeStarted();
  breaker.OnProbeSucceeded();
  EXPECT_TRUE(breaker.Asks());
  EXPECT_EQ(breaker.reason(), "");
}

TEST(CircuitBreaker, ProbesMoreRarelyWithEachFailureUpToALimit) {
  CircuitBreaker breaker = Opened();
  absl::Duration now = breaker.ProbeDue();
  for (const int expected_ms : {100, 150, 150}) {
    breaker.OnProbeStarted();
    breaker.OnProbeFailed("still down", now);
    EXPECT_EQ(breaker.ProbeDue() - now, absl::Milliseconds(expected_ms));
    now = breaker.ProbeDue();
  }
}

TEST(CircuitBreaker, ForgetsEarlierTroubleOnceItHasClosed) {
  CircuitBreaker breaker = Opened();
  breaker.OnProbeStarted();
  breaker.OnProbeFailed("still down", kStart);
  breaker.OnProbeStarted();
  breaker.OnProbeSucceeded();
  for (int i = 0; i < 3; ++i) breaker.OnFailure("down again", kStart);
  EXPECT_EQ(breaker.ProbeDue(), kStart + absl::Milliseconds(50));
}

TEST(CircuitBreaker, TakesALateAnswerForAProbe) {
  CircuitBreaker breaker = Opened();
  breaker.OnSuccess();
  EXPECT_TRUE(breaker.Asks());
}

}  // namespace
}  // namespace nexus::policy
