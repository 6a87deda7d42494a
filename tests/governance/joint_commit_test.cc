#include "governance/joint_commit.h"

#include <atomic>
#include <memory>

#include "absl/synchronization/blocking_counter.h"
#include "concurrency/worker_pool.h"
#include "fake/manual_clock.h"
#include "fake/sequential_ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "storage/memory/memory_log.h"

namespace nexus::governance {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What a stream says, as a list of types.
struct Register {
  Register(const char* name, storage::MemoryLog& log, Executor& executor, Clock& clock,
           IdSource& ids)
      : stream(StreamName::Literal(name), log, log, executor, clock, ids,
               [this](const RecordedEvent& event) {
                 types.emplace_back(event.type);
                 return absl::OkStatus();
               }) {}

  JointPart Writes(std::vector<std::string> wanted) {
    return {&stream,
            [wanted]() -> absl::StatusOr<std::vector<GovernanceStream::NewEvent>> {
              std::vector<GovernanceStream::NewEvent> events;
              for (const std::string& type : wanted) events.push_back({type, "{}"});
              return events;
            },
            [this, wanted](Revision first, Position, Timestamp) {
              EXPECT_EQ(first.value, types.size());
              types.insert(types.end(), wanted.begin(), wanted.end());
            }};
  }
  JointPart Refuses() {
    return {&stream,
            []() -> absl::StatusOr<std::vector<GovernanceStream::NewEvent>> {
              return absl::InvalidArgumentError("no");
            },
            nullptr};
  }

  std::vector<std::string> types;  // under the fold lock of the stream
  GovernanceStream stream;
};

class JointCommitTest : public ::testing::Test {
 protected:
  JointOutcome Write(std::vector<JointPart> parts) {
    absl::BlockingCounter done(1);
    JointOutcome outcome = std::nullopt;
    CommitTogether({log_, *pool_, clock_, ids_}, std::move(parts), {}, [&](JointOutcome got) {
      outcome = std::move(got);
      done.DecrementCount();
    });
    done.Wait();
    return outcome;
  }
  static std::vector<JointPart> Parts(JointPart a, JointPart b) {
    std::vector<JointPart> parts;
    parts.push_back(std::move(a));
    parts.push_back(std::move(b));
    return parts;
  }

  SystemClock clock_;
  fake::SequentialIds ids_;
  storage::MemoryLog log_;
  std::unique_ptr<concurrency::WorkerPool> pool_ = std::make_unique<concurrency::WorkerPool>(
      concurrency::WorkerPoolOptions{.threads = 4}, clock_);
  Register one_{"$one", log_, *pool_, clock_, ids_};
  Register two_{"$two", log_, *pool_, clock_, ids_};
};

TEST_F(JointCommitTest, WritesAllInOneCommit) {
  const JointOutcome outcome = Write(Parts(two_.Writes({"c"}), one_.Writes({"a", "b"})));
  ASSERT_TRUE(outcome.ok() && outcome->has_value());
  EXPECT_EQ((*outcome)->first, Position(1));
  EXPECT_EQ((*outcome)->last, Position(3));
  EXPECT_THAT(one_.types, ElementsAre("a", "b"));
  EXPECT_THAT(two_.types, ElementsAre("c"));
  EXPECT_EQ(one_.stream.FoldedCount(), 2u);
}

TEST_F(JointCommitTest, WritesNothingIfOnePlanRefuses) {
  EXPECT_FALSE(Write(Parts(one_.Writes({"a"}), two_.Refuses())).ok());
  EXPECT_EQ(log_.Head(), Position(0));
  // And gives the turns back.
  EXPECT_TRUE(Write(Parts(one_.Writes({"a"}), two_.Writes({"b"}))).ok());
}

TEST_F(JointCommitTest, LeavesNothingOfNothing) {
  const JointOutcome outcome = Write(Parts(one_.Writes({}), two_.Writes({})));
  ASSERT_TRUE(outcome.ok());
  EXPECT_FALSE(outcome->has_value());
  EXPECT_EQ(log_.Head(), Position(0));
}

// Another server writes the same streams: both see everything, in one order.
TEST_F(JointCommitTest, PlansAgainWhenAnotherServerWasFirst) {
  Register elsewhere("$one", log_, *pool_, clock_, ids_);
  ASSERT_TRUE(elsewhere.stream.CatchUp().ok());
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(Write(Parts(one_.Writes({"a"}), two_.Writes({"b"}))).ok());
    ASSERT_TRUE(elsewhere.stream.CatchUp().ok());
    absl::BlockingCounter done(1);
    GovernanceStream::Change change;
    change.plan = [] { return GovernanceStream::NewEvent{"e", "{}"}; };
    change.apply = [&](Timestamp) { elsewhere.types.emplace_back("e"); };
    change.done = [&](const absl::Status& status) {
      EXPECT_TRUE(status.ok()) << status;
      done.DecrementCount();
    };
    elsewhere.stream.Submit(std::move(change));
    done.Wait();
  }
  ASSERT_TRUE(one_.stream.CatchUp().ok());
  EXPECT_EQ(one_.types, elsewhere.types);
  EXPECT_EQ(one_.types.size(), 10u);
}

// In either order of their parts, and beside changes of one stream: nobody waits for ever.
TEST_F(JointCommitTest, ManySideBySideAllEnd) {
  constexpr int kEach = 100;
  absl::BlockingCounter done(3 * kEach);
  std::atomic<int> stored = 0;
  const auto count = [&](bool ok) {
    stored += ok ? 1 : 0;
    done.DecrementCount();
  };
  for (int i = 0; i < kEach; ++i) {
    CommitTogether({log_, *pool_, clock_, ids_}, Parts(one_.Writes({"a"}), two_.Writes({"b"})), {},
                   [&](const JointOutcome& outcome) { count(outcome.ok()); });
    CommitTogether({log_, *pool_, clock_, ids_}, Parts(two_.Writes({"b"}), one_.Writes({"a"})), {},
                   [&](const JointOutcome& outcome) { count(outcome.ok()); });
    GovernanceStream::Change change;
    change.plan = [] { return GovernanceStream::NewEvent{"s", "{}"}; };
    change.apply = [&](Timestamp) { two_.types.emplace_back("s"); };
    change.done = [&](const absl::Status& status) { count(status.ok()); };
    two_.stream.Submit(std::move(change));
  }
  done.Wait();
  EXPECT_EQ(stored, 3 * kEach);
  EXPECT_EQ(log_.Head(), Position(5 * kEach));
  EXPECT_EQ(one_.stream.FoldedCount(), 2u * kEach);
  EXPECT_EQ(two_.stream.FoldedCount(), 3u * kEach);
}

}  // namespace
}  // namespace nexus::governance
