#include "sink/jsonl/segment_writer.h"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/nexusd/temporary_folder.h"

namespace nexus::sink {
namespace {

class SegmentWriterTest : public ::testing::Test {
 protected:
  std::unique_ptr<SegmentWriter> Open(uint64_t bytes_max = 1'000) {
    auto writer = SegmentWriter::Open({folder_ / "outbox", "all", bytes_max});
    EXPECT_TRUE(writer.ok()) << writer.status();
    return *std::move(writer);
  }
  std::string PathOf(int number) {
    return folder_ / ("outbox/all-00000" + std::to_string(number) + ".jsonl");
  }
  std::string Contents(int number) {
    std::ifstream in(PathOf(number), std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }
  void Fill(int number, const std::string& text) {
    std::filesystem::create_directories(folder_ / "outbox");
    std::ofstream(PathOf(number), std::ios::binary) << text;
  }

  harness::TemporaryFolder folder_;
};

TEST_F(SegmentWriterTest, BeginsWithTheFirstFile) {
  auto writer = Open();
  EXPECT_TRUE(writer->Append("a\n").ok());
  EXPECT_EQ(Contents(1), "a\n");
  EXPECT_EQ(writer->path(), PathOf(1));
}

TEST_F(SegmentWriterTest, ContinuesTheNewestFile) {
  Fill(1, "old\n");
  Fill(3, "newer\n");
  EXPECT_TRUE(Open()->Append("a\n").ok());
  EXPECT_EQ(Contents(3), "newer\na\n");
  EXPECT_EQ(Contents(1), "old\n");
}

TEST_F(SegmentWriterTest, CutsOffALineThatACrashHasTorn) {
  Fill(1, "whole\n{\"half\":");
  auto writer = Open();
  EXPECT_EQ(Contents(1), "whole\n");
  EXPECT_TRUE(writer->Append("a\n").ok());
  EXPECT_EQ(Contents(1), "whole\na\n");
}

TEST_F(SegmentWriterTest, CutsOffATornLineThatIsTheOnlyOne) {
  Fill(1, "half");
  Open();
  EXPECT_EQ(Contents(1), "");
}

TEST_F(SegmentWriterTest, CutsOffATornLineThatIsLong) {
  Fill(1, "whole\n" + std::string(300'000, 'x'));
  Open();
  EXPECT_EQ(Contents(1), "whole\n");
}

TEST_F(SegmentWriterTest, BeginsTheNextFileWhenOneIsFull) {
  auto writer = Open(10);
  EXPECT_TRUE(writer->Append("12345678\n").ok());
  EXPECT_TRUE(writer->Append("a\n").ok());
  EXPECT_TRUE(writer->Append("b\n").ok());
  EXPECT_EQ(Contents(1), "12345678\n");
  EXPECT_EQ(Contents(2), "a\nb\n");
}

TEST_F(SegmentWriterTest, WritesALineThatIsLargerThanAFile) {
  auto writer = Open(4);
  EXPECT_TRUE(writer->Append("12345678\n").ok());
  EXPECT_EQ(Contents(1), "12345678\n");
}

TEST_F(SegmentWriterTest, IgnoresFilesThatAreNotItsOwn) {
  Fill(1, "mine\n");
  for (const char* name : {"other-000009.jsonl", "all-x.jsonl", "all-000009.json", "all-.jsonl"}) {
    std::ofstream(folder_ / (std::string("outbox/") + name)) << "x\n";
  }
  EXPECT_EQ(Open()->path(), PathOf(1));
}

TEST_F(SegmentWriterTest, SaysWhyItCannotOpen) {
  std::ofstream(folder_ / "outbox") << "a file";
  const auto writer = SegmentWriter::Open({folder_ / "outbox", "all", 10});
  EXPECT_EQ(writer.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(writer.status().message()), ::testing::HasSubstr("outbox"));
}

// A limit on the size of files stands in for a full disk.
TEST_F(SegmentWriterTest, LeavesNoHalfLineWhenTheDiskIsFull) {
  auto writer = Open(1'000'000);
  ASSERT_TRUE(writer->Append("whole\n").ok());
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit tight = before;
  tight.rlim_cur = 100;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const absl::Status full = writer->Append(std::string(500, 'x') + "\n").status();
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(full.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Contents(1), "whole\n");
  EXPECT_TRUE(writer->Append("again\n").ok());
  EXPECT_EQ(Contents(1), "whole\nagain\n");
}

}  // namespace
}  // namespace nexus::sink
