#include "sink/jsonl/jsonl_sink.h"

#include <fstream>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/nexusd/temporary_folder.h"
#include "sink/event_maker.h"

namespace nexus::sink {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class JsonlSinkTest : public ::testing::Test {
 protected:
  std::unique_ptr<JsonlSink> Open(uint64_t segment_bytes_max = 1 << 20) {
    auto sink = JsonlSink::Open({.files = {folder_ / "outbox", "standard", segment_bytes_max}});
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  std::vector<std::string> Lines(int number = 1) {
    std::ifstream in(folder_ / ("outbox/standard-00000" + std::to_string(number) + ".jsonl"));
    std::vector<std::string> lines;
    for (std::string line; std::getline(in, line);) lines.push_back(line);
    return lines;
  }

  harness::TemporaryFolder folder_;
  Answers answers_;
};

TEST_F(JsonlSinkTest, WritesOneCloudEventALine) {
  auto sink = Open();
  sink->Deliver(MakeEvent("order-1", 7, "{\n\"n\": 1 }"), answers_.Next());
  ASSERT_TRUE(answers_.WaitFor(1));
  EXPECT_TRUE(answers_.all()[0].ok());
  ASSERT_THAT(Lines(), SizeIs(1));
  EXPECT_THAT(Lines()[0], HasSubstr("\"subject\":\"order-1\""));
  EXPECT_THAT(Lines()[0], HasSubstr("\"data\":{\"n\":1}"));
}

TEST_F(JsonlSinkTest, KeepsTheOrder) {
  auto sink = Open();
  for (uint64_t i = 0; i < 500; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  const std::vector<std::string> lines = Lines();
  ASSERT_THAT(lines, SizeIs(500));
  for (size_t i = 0; i < lines.size(); ++i) {
    EXPECT_THAT(lines[i], HasSubstr(absl::StrCat("\"sequence\":\"", i, "\"")));
  }
}

TEST_F(JsonlSinkTest, TellsTheFileAndTheByteWhereEachLineBegins) {
  auto sink = Open();
  sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  sink->Deliver(MakeEvent("order-1", 1), answers_.Next());
  sink->Deliver(MakeEvent("order-1", 2), answers_.Next());
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  const std::vector<std::string> lines = Lines();
  ASSERT_THAT(lines, SizeIs(3));
  const size_t second = lines[0].size() + 1;
  EXPECT_THAT(
      answers_.places(),
      ElementsAre("standard-000001.jsonl/-1/0", absl::StrCat("standard-000001.jsonl/-1/", second),
                  absl::StrCat("standard-000001.jsonl/-1/", second + lines[1].size() + 1)));
}

TEST_F(JsonlSinkTest, HasOnDiskWhatItAcknowledges) {
  auto sink = Open();
  size_t seen = 0;
  for (uint64_t i = 0; i < 50; ++i) {
    sink->Deliver(MakeEvent("order-1", i), [&, i](const absl::StatusOr<Coordinate>& at) {
      ASSERT_TRUE(at.ok());
      seen = Lines().size();
      EXPECT_GT(seen, i);
    });
  }
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
}

TEST_F(JsonlSinkTest, FlushWaitsForEveryAnswer) {
  auto sink = Open();
  for (uint64_t i = 0; i < 100; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  EXPECT_THAT(answers_.all(), SizeIs(100));
}

TEST_F(JsonlSinkTest, GoesOnInTheSameFileAfterARestart) {
  {
    auto sink = Open();
    sink->Deliver(MakeEvent("order-1", 0), answers_.Next());
    ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  }
  std::ofstream(folder_ / "outbox/standard-000001.jsonl", std::ios::app) << "{\"torn";
  auto sink = Open();
  sink->Deliver(MakeEvent("order-1", 1), answers_.Next());
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  EXPECT_THAT(Lines(), SizeIs(2));
}

TEST_F(JsonlSinkTest, RotatesBySize) {
  auto sink = Open(700);
  for (uint64_t i = 0; i < 6; ++i) {
    sink->Deliver(MakeEvent("order-1", i), answers_.Next());
    ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  }
  EXPECT_GE(Lines(2).size(), 1u);
  size_t lines = 0;
  for (int number = 1; number < 7; ++number) lines += Lines(number).size();
  EXPECT_EQ(lines, 6u);
}

TEST_F(JsonlSinkTest, RefusesWhatDoesNotFitIntoItsQueue) {
  auto sink =
      *JsonlSink::Open({.files = {folder_ / "outbox", "standard", 1 << 20}, .queue_bytes_max = 1});
  // One line always fits; while it is written others may pile up to the bound and no further.
  for (uint64_t i = 0; i < 2'000; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  ASSERT_TRUE(sink->Flush(absl::Seconds(60)).ok());
  ASSERT_THAT(answers_.all(), SizeIs(2'000));
  for (const absl::Status& status : answers_.all()) {
    EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
  }
  EXPECT_EQ(Lines().size(), answers_.good());
}

TEST_F(JsonlSinkTest, AnswersEverythingBeforeItGoes) {
  {
    auto sink = Open();
    for (uint64_t i = 0; i < 1'000; ++i) sink->Deliver(MakeEvent("order-1", i), answers_.Next());
  }
  EXPECT_THAT(answers_.all(), SizeIs(1'000));
  EXPECT_EQ(Lines().size(), answers_.good());
}

TEST_F(JsonlSinkTest, IsWell) {
  auto sink = Open();
  EXPECT_TRUE(sink->Health().ok());
  EXPECT_EQ(sink->Name(), "standard");
}

}  // namespace
}  // namespace nexus::sink
