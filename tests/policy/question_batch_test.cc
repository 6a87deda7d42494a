#include "policy/opa/question_batch.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "policy/asking.h"
#include "policy/failure.h"
#include "policy/opa/question_queue.h"

namespace nexus::policy {
namespace {

struct Told {
  std::vector<std::string> names;
  absl::StatusOr<PolicyAnswer> last;
};

// A question whose asker writes `name` down when it is answered.
Waiting Question(const std::string& name, const std::string& input, absl::Duration deadline,
                 Told* told) {
  return {{"append", input}, deadline, [name, told](absl::StatusOr<PolicyAnswer> answer) {
            if (told == nullptr) return;
            told->names.push_back(name);
            told->last = std::move(answer);
          }};
}

using Names = std::vector<std::string>;

std::vector<Waiting> Three(Told* told) {
  std::vector<Waiting> questions;
  questions.push_back(Question("a", R"({"n":1})", absl::Seconds(3), told));
  questions.push_back(Question("b", R"({"n":2})", absl::Seconds(1), told));
  questions.push_back(Question("c", R"({"n":1})", absl::Seconds(2), told));
  return questions;
}

TEST(QuestionBatch, AsksEqualQuestionsOnce) {
  const QuestionBatch batch(Three(nullptr));
  EXPECT_EQ(batch.items(), 2u);
  EXPECT_EQ(batch.body(), R"({"input":{"items":[{"operation":"append","input":{"n":1}},)"
                          R"({"operation":"append","input":{"n":2}}]}})");
}

TEST(QuestionBatch, KeepsEqualInputsOfTwoOperationsApart) {
  std::vector<Waiting> questions = Three(nullptr);
  questions[2].question.operation = "register_schema";
  EXPECT_EQ(QuestionBatch(std::move(questions)).items(), 3u);
}

TEST(QuestionBatch, TellsAllWhoAskedTheSame) {
  Told told;
  QuestionBatch batch(Three(&told));
  batch.Answer(0, PolicyAnswer{true, {}, "r"});
  EXPECT_EQ(told.names, Names({"a", "c"}));
  EXPECT_EQ(batch.waiting(), 1u);
}

TEST(QuestionBatch, TellsEachAskerOnce) {
  Told told;
  QuestionBatch batch(Three(&told));
  batch.Answer(1, PolicyAnswer{});
  batch.FailAll(Undecided(kStopped, "x"));
  batch.FailAll(Undecided(kStopped, "x"));
  EXPECT_EQ(told.names, Names({"b", "a", "c"}));
}

TEST(QuestionBatch, ExpiresWhatIsLateOnly) {
  Told told;
  QuestionBatch batch(Three(&told));
  EXPECT_EQ(batch.EarliestDeadline(), absl::Seconds(1));
  batch.Expire(absl::Seconds(1));
  EXPECT_EQ(told.names, Names({"b"}));
  EXPECT_EQ(FailureOf(told.last.status()), "timeout");
  EXPECT_EQ(batch.EarliestDeadline(), absl::Seconds(2));
}

TEST(QuestionBatch, SplitsWhatStillWaits) {
  Told told;
  QuestionBatch batch(Three(&told));
  batch.Expire(absl::Seconds(1));
  const std::vector<Waiting> left = batch.Split();
  ASSERT_EQ(left.size(), 2u);
  EXPECT_TRUE(left[0].alone && left[1].alone);
  EXPECT_EQ(batch.waiting(), 0u);
  EXPECT_EQ(batch.EarliestDeadline(), absl::InfiniteDuration());
}

TEST(QuestionBatch, WithoutQuestionsIsAProbe) {
  EXPECT_EQ(QuestionBatch(std::vector<Waiting>()).body(), R"({"input":{"items":[]}})");
}

QuestionQueue Filled(size_t n, size_t size_max = 100) {
  QuestionQueue queue(size_max);
  for (size_t i = 0; i < n; ++i) {
    queue.Push(Question("q", "{}", absl::Seconds(static_cast<int64_t>(i) + 1), nullptr));
  }
  return queue;
}

TEST(QuestionQueue, IsFullAtItsLimit) {
  EXPECT_FALSE(Filled(1, 2).full());
  EXPECT_TRUE(Filled(2, 2).full());
}

TEST(QuestionQueue, GivesNoMoreThanABatchMayHold) {
  QuestionQueue queue = Filled(5);
  EXPECT_EQ(queue.TakeBatch({3, 1000}).size(), 3u);
  EXPECT_EQ(queue.TakeBatch({3, 1000}).size(), 2u);
  EXPECT_EQ(queue.TakeBatch({3, 1000}).size(), 0u);
}

TEST(QuestionQueue, GivesNoMoreBytesThanABatchMayHoldButAlwaysOne) {
  QuestionQueue queue = Filled(5);
  EXPECT_EQ(queue.TakeBatch({64, 4}).size(), 2u);
  EXPECT_EQ(queue.TakeBatch({64, 1}).size(), 1u);
}

TEST(QuestionQueue, GivesWhatMustBeAskedAloneAlone) {
  QuestionQueue queue = Filled(2);
  std::vector<Waiting> split = queue.TakeBatch({2, 1000});
  for (Waiting& waiting : split) waiting.alone = true;
  queue.Push(Question("later", "{}", absl::Seconds(1), nullptr));
  queue.PutBack(std::move(split));
  EXPECT_EQ(queue.TakeBatch({64, 1000}).size(), 1u);
  EXPECT_EQ(queue.TakeBatch({64, 1000}).size(), 1u);
  EXPECT_FALSE(queue.TakeBatch({64, 1000})[0].alone);
}

TEST(QuestionQueue, GivesUpWhatIsLate) {
  QuestionQueue queue = Filled(3);
  EXPECT_EQ(queue.earliest_deadline(), absl::Seconds(1));
  EXPECT_EQ(queue.TakeExpired(absl::Milliseconds(999)).size(), 0u);
  EXPECT_EQ(queue.TakeExpired(absl::Seconds(2)).size(), 2u);
  EXPECT_EQ(queue.earliest_deadline(), absl::Seconds(3));
  EXPECT_EQ(queue.TakeAll().size(), 1u);
  EXPECT_EQ(queue.earliest_deadline(), absl::InfiniteDuration());
}

}  // namespace
}  // namespace nexus::policy
