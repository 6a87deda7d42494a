// Reads at a head that lies behind what is on disk: what a reader sees in the moment between a
// group's write and the publication of its head.

#include "storage/rocksdb/log_reader.h"

#include "contract/event_log_contract.h"
#include "storage/rocks_log_fixture.h"
#include "storage/rocksdb/log_database.h"

namespace nexus::storage {
namespace {

using contract::CommitOf;
using contract::ToTexts;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

// 1 a@0  2 b@0 | 3 a@1  4 a@2 | 5 c@0  6 a@3
class LogReaderBehind : public RocksLogFixture {
 protected:
  LogReaderBehind() {
    Open();
    EXPECT_TRUE(Propose(CommitOf(1).Event("a", "1").Event("b", "2").At(10)).ok());
    EXPECT_TRUE(Propose(CommitOf(2).Event("a", "3").Event("a", "4").At(20)).ok());
    EXPECT_TRUE(Propose(CommitOf(3).Event("c", "5").Event("a", "6").At(30)).ok());
    Close();
    LogDatabaseOptions options;
    options.path = folder_.path() + "/log";
    database_ = LogDatabase::Open(options, std::make_shared<LogEvents>(stall_, [](absl::Status) {}))
                    .value();
    reader_ = std::make_unique<LogReader>(*database_);
  }

  std::vector<std::string> A(uint64_t head, uint64_t from, Direction direction) {
    const auto page = reader_->ReadStream(Position(head), StreamName::Literal("a"), Revision(from),
                                          direction, PageLimits());
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return {};
    EXPECT_TRUE(page->end);
    EXPECT_EQ(page->head, Position(head));
    return ToTexts(*page);
  }

  WriteStall stall_;
  std::unique_ptr<LogDatabase> database_;
  std::unique_ptr<LogReader> reader_;
};

TEST_F(LogReaderBehind, EndsAStreamAtTheHead) {
  EXPECT_THAT(A(2, 0, Direction::kForward), ElementsAre("1 a@0 1"));
  EXPECT_THAT(A(4, 0, Direction::kForward), ElementsAre("1 a@0 1", "3 a@1 3", "4 a@2 4"));
  EXPECT_THAT(A(4, 3, Direction::kForward), IsEmpty());
  EXPECT_THAT(A(2, 9, Direction::kBackward), ElementsAre("1 a@0 1"));
  EXPECT_THAT(A(4, 9, Direction::kBackward), ElementsAre("4 a@2 4", "3 a@1 3", "1 a@0 1"));
}

TEST_F(LogReaderBehind, DescribesAStreamAsItWas) {
  const auto info = reader_->GetStream(Position(4), StreamName::Literal("a"));
  ASSERT_TRUE(info.ok());
  EXPECT_EQ(info->last_revision, Revision(2));
  EXPECT_EQ(info->last_position, Position(4));
  EXPECT_EQ(info->created, Timestamp{10});
  EXPECT_EQ(info->updated, Timestamp{20});
}

TEST_F(LogReaderBehind, DoesNotKnowAStreamThatBeginsBehindTheHead) {
  EXPECT_EQ(ReasonOf(reader_->GetStream(Position(4), StreamName::Literal("c")).status()),
            ErrorReason::kStreamNotFound);
  const auto page = reader_->ListStreams(Position(4), StreamQuery());
  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page->streams.size(), 2u);
  EXPECT_EQ(page->streams[0].last_revision, Revision(2));
  EXPECT_EQ(page->streams[1].name, "b");
}

TEST_F(LogReaderBehind, EndsEverythingAtTheHead) {
  const auto forward =
      reader_->ReadAll(Position(4), Position(3), Direction::kForward, PageLimits());
  ASSERT_TRUE(forward.ok());
  EXPECT_THAT(ToTexts(*forward), ElementsAre("3 a@1 3", "4 a@2 4"));
  EXPECT_TRUE(forward->end);
  const auto backward =
      reader_->ReadAll(Position(2), Position(6), Direction::kBackward, PageLimits());
  ASSERT_TRUE(backward.ok());
  EXPECT_THAT(ToTexts(*backward), ElementsAre("2 b@0 2", "1 a@0 1"));
}

}  // namespace
}  // namespace nexus::storage
