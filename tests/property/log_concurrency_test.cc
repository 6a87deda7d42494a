// Concurrent clients see one order.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "contract/event_log_contract.h"
#include "fake/sequential_ids.h"
#include "property/log_history.h"

namespace nexus::property {
namespace {

using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kClients = 8;
constexpr int kCallsPerClient = 60;

// One client: on two of four hot streams, mostly expecting what it last saw.
class Client {
 public:
  Client(int number, contract::LogUnderTest& log, std::atomic<uint64_t>& ticks)
      : number_(number), log_(log), ticks_(ticks) {
    for (int i = 0; i < number; ++i) random_.Random();
  }

  void Run() {
    for (int i = 0; i < kCallsPerClient; ++i) {
      Call call;
      call.commit = Next(1 + number_ * 1'000 + i);
      call.invoked = ++ticks_;
      call.verdict = contract::ProposeAndWait(log_.log(), call.commit);
      call.returned = ++ticks_;
      calls_.push_back(std::move(call));
    }
  }
  const std::vector<Call>& calls() const { return calls_; }

 private:
  Commit Next(uint64_t id) {
    contract::CommitOf commit(id);
    const uint64_t first = random_.Random() % 4;
    for (const uint64_t stream : {first, (first + 1 + random_.Random() % 3) % 4}) {
      const std::string name = absl::StrCat("hot-", stream);
      commit.Stream(name, Expect(name));
      commit.Events(name, random_.Random() % 3);
    }
    commit.Event(absl::StrCat("own-", number_), "x");
    return commit.At(static_cast<int64_t>(random_.Random() % 1'000));
  }

  ExpectedRevision Expect(const std::string& name) {
    if (random_.Random() % 4 == 0) return ExpectedRevision::Any();
    const auto info = log_.reader().GetStream(StreamName::Literal(name));
    if (!info.ok()) return ExpectedRevision::NoStream();
    return ExpectedRevision::Exactly(info->last_revision.value);
  }

  const int number_;
  contract::LogUnderTest& log_;
  std::atomic<uint64_t>& ticks_;
  fake::SequentialIds random_;
  std::vector<Call> calls_;
};

class LogHistory : public ::testing::TestWithParam<contract::LogKind> {};

TEST_P(LogHistory, OfConcurrentClientsHasOneOrderThatExplainsEveryAnswer) {
  const std::unique_ptr<contract::LogUnderTest> log = GetParam().make();
  std::atomic<uint64_t> ticks{0};
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(std::make_unique<Client>(i, *log, ticks));
  std::vector<std::thread> threads;
  for (const auto& client : clients) threads.emplace_back([&client] { client->Run(); });
  for (std::thread& thread : threads) thread.join();
  std::vector<Call> calls;
  size_t refused = 0;
  for (const auto& client : clients) {
    for (const Call& call : client->calls()) {
      refused += call.verdict.ok() ? 0 : 1;
      calls.push_back(call);
    }
  }
  EXPECT_THAT(FindContradictions(calls, log->reader().Head()), IsEmpty());
  EXPECT_LT(refused, calls.size());
}

INSTANTIATE_TEST_SUITE_P(Logs, LogHistory,
                         ::testing::Values(contract::LogKind{"memory", contract::MakeMemoryLog},
                                           contract::LogKind{"rocksdb", contract::MakeRocksLog}),
                         [](const auto& kind) { return kind.param.name; });

// The checker itself must be able to find fault.
class LogHistoryChecker : public ::testing::Test {
 protected:
  LogHistoryChecker() {
    const auto log = contract::MakeMemoryLog();
    for (uint64_t id = 1; id <= 3; ++id) {
      Call call;
      call.commit = contract::CommitOf(id).Events("a", 2);
      call.invoked = 2 * id;
      call.verdict = contract::ProposeAndWait(log->log(), call.commit);
      call.returned = 2 * id + 1;
      calls_.push_back(std::move(call));
    }
    EXPECT_THAT(FindContradictions(calls_, Position(6)), IsEmpty());
  }

  std::vector<Call> calls_;
};

TEST_F(LogHistoryChecker, FindsALostCommit) {
  EXPECT_THAT(FindContradictions(calls_, Position(4)), Not(IsEmpty()));
  calls_.erase(calls_.begin() + 1);
  EXPECT_THAT(FindContradictions(calls_, Position(6)), Not(IsEmpty()));
}

TEST_F(LogHistoryChecker, FindsAnOrderThatContradictsTime) {
  std::swap(calls_[0].invoked, calls_[2].invoked);
  std::swap(calls_[0].returned, calls_[2].returned);
  EXPECT_THAT(FindContradictions(calls_, Position(6)), Not(IsEmpty()));
}

TEST_F(LogHistoryChecker, FindsARevisionGivenTwice) {
  calls_[1].verdict->streams[0].first = Revision(0);
  EXPECT_THAT(FindContradictions(calls_, Position(6)), Not(IsEmpty()));
}

TEST_F(LogHistoryChecker, FindsAnAcceptedCommitThatShouldHaveBeenRefused) {
  calls_[1].commit.streams[0].expected = ExpectedRevision::NoStream();
  EXPECT_THAT(FindContradictions(calls_, Position(6)), Not(IsEmpty()));
}

TEST_F(LogHistoryChecker, FindsARefusalThatRestsOnAnotherTime) {
  for (const uint64_t actual : {0, 1, 7}) {
    ErrorDetails details;
    details.reason = ErrorReason::kRevisionConflict;
    details.failed_expectations = {{"a", ExpectedRevision::Exactly(40), Revision(actual)}};
    Call late;
    late.commit = contract::CommitOf(9).Event("a", "x");
    late.invoked = 100;
    late.returned = 101;
    late.verdict = MakeError("refused", details);
    std::vector<Call> calls = calls_;
    calls.push_back(late);
    EXPECT_THAT(FindContradictions(calls, Position(6)), Not(IsEmpty())) << actual;
  }
}

}  // namespace
}  // namespace nexus::property
