#include "command/remote/worker_roster.h"

#include "gmock/gmock.h"

namespace nexus::command {
namespace {

class Nobody : public WorkerPort {
 public:
  void Send(TaskPage, Sent) override {}
  void End(const absl::Status&) override {}
};

class WorkerRosterTest : public ::testing::Test {
 protected:
  ConnectedWorker& Add(size_t tasks_max = 2, std::vector<std::string> aggregates = {"a"}) {
    return roster_.Add({"w", "p", std::move(aggregates), tasks_max}, "s",
                       std::make_shared<Nobody>(), absl::ZeroDuration());
  }
  WorkerId Pick(WorkerId preferred = 0, std::vector<WorkerId> avoid = {}) {
    const ConnectedWorker* worker = roster_.Pick("a", preferred, avoid);
    return worker == nullptr ? 0 : worker->id;
  }

  WorkerRoster roster_;
};

TEST_F(WorkerRosterTest, PicksWhoeverWasMetLongestAgo) {
  const WorkerId one = Add().id;
  const WorkerId two = Add().id;
  EXPECT_EQ(Pick(), one);
  EXPECT_EQ(Pick(), two);
  EXPECT_EQ(Pick(), one);
}

TEST_F(WorkerRosterTest, PicksTheLeastBusyByItsRoom) {
  ConnectedWorker& small = Add(2);
  ConnectedWorker& large = Add(10);
  small.out = {"1"};
  large.out = {"2", "3", "4"};
  EXPECT_EQ(Pick(), large.id);
  EXPECT_EQ(Pick(small.id), small.id);
}

TEST_F(WorkerRosterTest, PicksNobodyWithoutRoom) {
  ConnectedWorker& worker = Add(2);
  worker.out = {"1"};
  worker.lost = {"2"};
  EXPECT_EQ(Pick(), 0u);
  worker.lost.clear();
  EXPECT_EQ(Pick(), worker.id);
  worker.draining = true;
  EXPECT_EQ(Pick(), 0u);
  EXPECT_FALSE(roster_.Knows("a", {}));
}

TEST_F(WorkerRosterTest, KnowsNobodyWhoIsLateWithEverything) {
  ConnectedWorker& worker = Add(2);
  worker.out = {"1"};
  worker.lost = {"2"};
  EXPECT_TRUE(roster_.Knows("a", {}));
  worker.out.clear();
  worker.lost = {"1", "2"};
  EXPECT_FALSE(roster_.Knows("a", {}));
}

TEST_F(WorkerRosterTest, BoundsWhatIsOnItsWay) {
  ConnectedWorker& worker = Add(1'000);
  for (size_t i = 0; i < WorkerRoster::kSendingMax; ++i) {
    EXPECT_TRUE(worker.HasRoom());
    worker.sending.insert(std::to_string(i));
  }
  EXPECT_FALSE(worker.HasRoom());
}

TEST_F(WorkerRosterTest, PicksOnlyWhoDecidesTheAggregateAndIsNotAvoided) {
  Add(2, {"b"});
  EXPECT_EQ(Pick(), 0u);
  const WorkerId one = Add(2, {"b", "a"}).id;
  EXPECT_EQ(Pick(), one);
  EXPECT_EQ(Pick(one, {one}), 0u);
  EXPECT_TRUE(roster_.Knows("a", {}));
  EXPECT_FALSE(roster_.Knows("a", {one}));
  roster_.Remove(one);
  EXPECT_EQ(roster_.Find(one), nullptr);
}

TEST_F(WorkerRosterTest, ASuspectIsTheLastChoiceEvenIfPreferred) {
  ConnectedWorker& late = Add();
  const WorkerId good = Add().id;
  late.suspect = true;
  EXPECT_EQ(Pick(late.id), good);
  EXPECT_EQ(Pick(late.id, {good}), late.id);
}

}  // namespace
}  // namespace nexus::command
