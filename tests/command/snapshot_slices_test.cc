// A snapshot of an aggregate with many events is folded in slices, and commands go on between them.

#include <gmock/gmock.h>

#include <functional>
#include <thread>
#include <utility>
#include <vector>

#include "command/snapshot_fixture.h"
#include "fake/passing_reader.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

constexpr char kLarge[] = "account-large";
constexpr uint64_t kEvents = 3'000;  // three pages

// Tells of each page of the large stream, before it is read.
class WatchedReader : public fake::PassingReader {
 public:
  using PassingReader::PassingReader;

  absl::StatusOr<EventBatch> ReadStream(const StreamName& stream, Revision from,
                                        Direction direction, PageLimits limits) override {
    if (stream.str() == kLarge && watch) watch(from.value);
    return PassingReader::ReadStream(stream, from, direction, limits);
  }

  std::function<void(uint64_t from)> watch;
};

class SnapshotSlicesTest : public SnapshotFixture {
 protected:
  EventReader& Reader() override { return reader_; }

  void SetUp() override {
    SnapshotFixture::SetUp();
    Declare(kAccountScript, R"({"mode": "none"})");
    for (uint64_t i = 0; i < kEvents; i += 100) Deposit("large", 100);
    Start({});
  }
  // Another aggregate's command, which nobody waits for.
  void Send(bool& answered) {
    runner_->Execute(Command("Deposit", "other", Amount(1)), {},
                     [&answered](const auto& receipt) { answered = receipt.ok(); });
  }

  WatchedReader reader_{log_};
};

TEST_F(SnapshotSlicesTest, CommandsHaveTheirTurnBetweenTwoSlices) {
  bool answered = false;
  std::vector<bool> at_page;  // whether it was, when a page is read
  reader_.watch = [&](uint64_t from) {
    if (from == 0) Send(answered);
    at_page.push_back(answered);
  };
  const auto made = MakeSnapshot(kLarge);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->revision, Revision(kEvents - 1));
  EXPECT_EQ(StateOf(*made), R"({"balance":3000,"events":3000})");
  EXPECT_THAT(at_page, ::testing::ElementsAre(false, true, true));
}

TEST_F(SnapshotSlicesTest, EndsAtTheDeadlineOfTheCall) {
  size_t pages = 0;
  reader_.watch = [&](uint64_t) {
    ++pages;
    clock_.Advance(absl::Seconds(1));
  };
  const auto late = MakeSnapshot(kLarge, clock_.Monotonic() + absl::Milliseconds(1'500));
  EXPECT_EQ(ReasonOf(late.status()), ErrorReason::kDeadlineExceeded);
  EXPECT_EQ(pages, 2u);
  EXPECT_TRUE(Kept().empty());
}

// The command that comes in between loads the aggregate for itself; the snapshot is whole anyway.
TEST_F(SnapshotSlicesTest, ACommandToTheSameAggregateIsNotMixedUpWithIt) {
  absl::Notification answered;
  bool sent = false;
  reader_.watch = [&](uint64_t from) {
    if (from == 0 || std::exchange(sent, true)) return;
    runner_->Execute(Command("Withdraw", "large", Amount(3'000)), {}, [&](const auto& receipt) {
      EXPECT_TRUE(receipt.ok()) << receipt.status();
      answered.Notify();
    });
  };
  const auto made = MakeSnapshot(kLarge);
  ASSERT_TRUE(made.ok()) << made.status();
  answered.WaitForNotification();
  // What was stored beside it is in it or not, but never a part of it.
  const bool with = made->revision == Revision(kEvents);
  EXPECT_EQ(StateOf(*made),
            with ? R"({"balance":0,"events":3001})" : R"({"balance":3000,"events":3000})");
  EXPECT_EQ(ReasonOf(Execute(Command("Withdraw", "large", Amount(1))).status()),
            ErrorReason::kCommandRejected);
}

TEST_F(SnapshotSlicesTest, OtherCodeInBetweenIsSaid) {
  bool sent = false;
  bool answered = false;
  reader_.watch = [&](uint64_t from) {
    if (from == 0 || std::exchange(sent, true)) return;
    Declare(std::string(kAccountScript) + "// changed", R"({"mode": "none"})");
    Send(answered);
  };
  EXPECT_EQ(ReasonOf(MakeSnapshot(kLarge).status()), ErrorReason::kOverloaded);
  EXPECT_TRUE(answered);
  reader_.watch = nullptr;
  EXPECT_TRUE(MakeSnapshot(kLarge).ok());
}

TEST_F(SnapshotSlicesTest, WhatIsNotFoldedWhenTheServerStopsIsRefused) {
  absl::Notification stopped;
  std::thread stopper;
  bool sent = false;
  reader_.watch = [&](uint64_t) {
    if (std::exchange(sent, true)) return;
    stopper = std::thread([this] { runner_->Stop(); });
    EXPECT_TRUE(fake::Eventually([&] {
      bool stops = false;
      runner_->Execute(Command("Look", "other"), {}, [&stops](const auto& answer) {
        if (ReasonOf(answer.status()) == ErrorReason::kDraining) stops = true;
      });
      return stops;
    }));
  };
  EXPECT_EQ(ReasonOf(MakeSnapshot(kLarge).status()), ErrorReason::kDraining);
  stopper.join();
}

}  // namespace
}  // namespace nexus::command
