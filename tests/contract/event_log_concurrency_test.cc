#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "contract/event_log_contract.h"
#include "fake/eventually.h"

namespace nexus::contract {
namespace {

using ::testing::SizeIs;

constexpr absl::Duration kPatience = absl::Seconds(60);

// Counts answers and lets a test wait for all of them.
class Answers {
 public:
  LogBackend::CommitDone Next() {
    return [this](absl::StatusOr<CommitReceipt> answer) {
      absl::MutexLock lock(&mutex_);
      answers_.push_back(std::move(answer));
    };
  }
  std::vector<absl::StatusOr<CommitReceipt>> Wait(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto complete = [&] { return answers_.size() >= count; };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&complete), kPatience));
    return answers_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<absl::StatusOr<CommitReceipt>> answers_;
};

TEST_P(EventLogContract, LetsExactlyOneWriterWinEachRevisionOfAHotStream) {
  constexpr int kWriters = 8;
  constexpr uint64_t kRevisions = 20;
  std::vector<std::thread> writers;
  std::atomic<int> wins{0};
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&, w] {
      for (uint64_t revision = 0; revision < kRevisions; ++revision) {
        const ExpectedRevision expected =
            revision == 0 ? ExpectedRevision::NoStream() : ExpectedRevision::Exactly(revision - 1);
        const auto answer = Propose(CommitOf(1 + w * 1'000 + revision)
                                        .Stream("hot", expected)
                                        .Event("hot", absl::StrCat(w)));
        if (answer.ok()) {
          ++wins;
          EXPECT_EQ(answer->streams[0].first, Revision(revision));
        }
        // Wait for the revision to be taken by somebody.
        EXPECT_TRUE(answer.ok() || fake::Eventually([&] {
                      const auto info = reader().GetStream(StreamName::Literal("hot"));
                      return info.ok() && info->last_revision >= Revision(revision);
                    }));
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(wins, static_cast<int>(kRevisions));
  EXPECT_THAT(InStream("hot"), SizeIs(kRevisions));
}

TEST_P(EventLogContract, StoresACommitOnceThoughItIsProposedManyTimesAtOnce) {
  Answers answers;
  for (int i = 0; i < 50; ++i) {
    log().Propose(CommitOf(1).Stream("a", ExpectedRevision::NoStream()).Event("a", "x"),
                  answers.Next());
  }
  int fresh = 0;
  for (const auto& answer : answers.Wait(50)) {
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->first, Position(1));
    fresh += answer->repeated ? 0 : 1;
  }
  EXPECT_EQ(fresh, 1);
  EXPECT_EQ(reader().Head(), Position(1));
}

TEST_P(EventLogContract, RefusesAReusedIdAmongCommitsUnderWay) {
  Answers answers;
  for (int i = 0; i < 20; ++i) {
    log().Propose(CommitOf(1).Event("a", absl::StrCat(i)), answers.Next());
  }
  int reused = 0;
  for (const auto& answer : answers.Wait(20)) {
    reused += ReasonOf(answer.status()) == ErrorReason::kIdReused ? 1 : 0;
  }
  EXPECT_EQ(reused, 19);
}

TEST_P(EventLogContract, AnswersAndTellsHeadsInTheOrderOfTheLog) {
  absl::Mutex mutex;
  std::vector<uint64_t> heads;
  std::vector<uint64_t> answered;
  log().SetHeadListener([&](Position head) {
    EXPECT_GE(reader().Head(), head);
    absl::MutexLock lock(&mutex);
    heads.push_back(head.value);
  });
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (uint64_t i = 0; i < 50; ++i) {
        const Commit commit = CommitOf(1 + w * 100 + i).Events(absl::StrCat("s", w), 3);
        log().Propose(commit, [&](absl::StatusOr<CommitReceipt> answer) {
          ASSERT_TRUE(answer.ok());
          EXPECT_GE(reader().Head(), answer->last);
          absl::MutexLock lock(&mutex);
          answered.push_back(answer->first.value);
        });
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  log().Drain();
  log().SetHeadListener(nullptr);
  ASSERT_THAT(answered, SizeIs(200));
  EXPECT_TRUE(std::is_sorted(answered.begin(), answered.end()));
  ASSERT_FALSE(heads.empty());
  EXPECT_TRUE(std::is_sorted(heads.begin(), heads.end()));
  EXPECT_EQ(heads.back(), 600u);
}

TEST_P(EventLogContract, ShowsReadersOnlyWholeCommitsUpToTheHead) {
  std::atomic<bool> stop{false};
  std::thread reading([&] {
    while (!stop) {
      const auto page = reader().ReadAll(Position(UINT64_MAX), Direction::kBackward, {5, 1 << 20});
      ASSERT_TRUE(page.ok()) << page.status();
      if (page->events.empty()) continue;
      EXPECT_EQ(page->events.front().position, page->head);
      EXPECT_EQ(page->head.value % 5, 0u) << "a commit of five is visible in part";
      const auto stream = reader().ReadStream(StreamName::Literal("s"), Revision(UINT64_MAX),
                                              Direction::kBackward, {5, 1 << 20});
      if (!stream.ok()) continue;
      EXPECT_LE(stream->events.front().position, stream->head);
      EXPECT_EQ((stream->events.front().revision.value + 1) % 5, 0u);
      const auto info = reader().GetStream(StreamName::Literal("s"));
      EXPECT_TRUE(info.ok()) << info.status();
    }
  });
  Answers answers;
  for (uint64_t id = 1; id <= 300; ++id) {
    log().Propose(CommitOf(id).Events("s", 5), answers.Next());
    if (id % 10 == 0) answers.Wait(id);
  }
  answers.Wait(300);
  stop = true;
  reading.join();
  EXPECT_EQ(reader().Head(), Position(1'500));
}

TEST_P(EventLogContract, TakesAProposalFromWithinAnAnswer) {
  absl::Notification done;
  log().Propose(CommitOf(1).Event("a", "x"), [&](absl::StatusOr<CommitReceipt>) {
    log().Propose(CommitOf(2).Event("a", "y"), [&](absl::StatusOr<CommitReceipt> second) {
      EXPECT_EQ(second->first, Position(2));
      done.Notify();
    });
  });
  EXPECT_TRUE(done.WaitForNotificationWithTimeout(kPatience));
}

}  // namespace
}  // namespace nexus::contract
