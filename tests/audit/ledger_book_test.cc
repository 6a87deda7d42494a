#include "audit/ledger_book.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/sequential_ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::audit {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class LedgerBookTest : public ::testing::Test {
 protected:
  static LedgerBookOptions Small() {
    LedgerBookOptions options;
    options.window = absl::Seconds(10);
    options.kinds_per_principal_max = 3;
    options.kinds_max = 6;
    options.singles_max = 2;
    options.type_of_others = "$denied";
    return options;
  }

  LedgerTime Now() const {
    return {Timestamp{1'700'000'000'000'000 + absl::ToInt64Microseconds(at_)}, at_};
  }
  UuidBytes Count(const std::string& principal, const std::string& kind) {
    return book_.Count(
        principal, kind,
        [&] {
          ++described_;
          return LedgerRow{"$denied", absl::StrCat("\"kind\":\"", kind, "\"")};
        },
        [this] { return ids_.NewUuid(); }, Now());
  }
  void Add(const std::string& body) {
    book_.Add(
        "alice", {"$admin-action", body}, [this] { return ids_.NewUuid(); }, Now());
  }
  std::vector<CountedRow> Due() { return book_.TakeDue(at_, 100, /*all=*/false); }

  fake::SequentialIds ids_;
  absl::Duration at_ = absl::Seconds(1);
  int described_ = 0;
  LedgerBook book_{Small()};
};

TEST_F(LedgerBookTest, GivesTheFirstOfAKindAtOnce) {
  const UuidBytes id = Count("alice", "a");
  const std::vector<CountedRow> due = Due();
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].id, id);
  EXPECT_EQ(due[0].count, 1u);
  EXPECT_EQ(due[0].Data(),
            "{\"decision_id\":\"00000000-0000-0000-0000-000000000001\",\"kind\":\"a\",\"count\":1,"
            "\"first_time\":\"2023-11-14T22:13:21.000000Z\",\"last_time\":\"2023-11-14T22:13:21."
            "000000Z\"}");
}

TEST_F(LedgerBookTest, MakesOneRowOfWhatFollowsWithinTheWindow) {
  const UuidBytes first = Count("alice", "a");
  Due();
  std::vector<UuidBytes> later;
  for (int i = 0; i < 1'000; ++i) {
    at_ += absl::Milliseconds(5);
    later.push_back(Count("alice", "a"));
    EXPECT_THAT(Due(), IsEmpty());
  }
  // All of them have one decision, which is not that of the first.
  EXPECT_NE(later.front(), first);
  EXPECT_EQ(later.back(), later.front());
  at_ = absl::Seconds(11);
  const std::vector<CountedRow> due = Due();
  ASSERT_THAT(due, SizeIs(1));
  EXPECT_EQ(due[0].id, later.front());
  EXPECT_EQ(due[0].count, 1'000u);
  EXPECT_EQ(due[0].last.micros - due[0].first.micros, 999 * 5'000);
  EXPECT_EQ(described_, 2);
  EXPECT_EQ(book_.merged(), 999u);
}

TEST_F(LedgerBookTest, ForgetsAKindThatWasQuietForAWindow) {
  Count("alice", "a");
  Due();
  at_ += absl::Seconds(10);
  EXPECT_THAT(Due(), IsEmpty());
  EXPECT_TRUE(book_.empty());
  Count("alice", "a");
  EXPECT_THAT(Due(), SizeIs(1));
}

// Whoever invents streams to be refused on gets one row for all of them.
TEST_F(LedgerBookTest, MergesWhatIsOfTooManyKindsForItsPrincipal) {
  for (int i = 0; i < 500; ++i) Count("alice", absl::StrCat("kind-", i));
  Count("bob", "his own");
  uint64_t counted = 0;
  std::vector<std::string> data;
  for (const CountedRow& row : Due()) {
    counted += row.count;
    data.push_back(row.Data());
  }
  EXPECT_EQ(counted, 501u);
  ASSERT_THAT(data, SizeIs(5));
  EXPECT_THAT(data, ::testing::Contains(HasSubstr("\"principal\":\"alice\",\"merged\":true,"
                                                  "\"count\":497")));
  EXPECT_THAT(data, ::testing::Contains(HasSubstr("his own")));
  EXPECT_EQ(described_, 4);
}

TEST_F(LedgerBookTest, IsBoundedWhoeverCalls) {
  for (int i = 0; i < 1'000; ++i) Count(absl::StrCat("p-", i), "a");
  const std::vector<CountedRow> due = Due();
  EXPECT_LE(due.size(), 13u);  // 6 of their own, others of 6, and those of many
  uint64_t counted = 0;
  for (const CountedRow& row : due) counted += row.count;
  EXPECT_EQ(counted, 1'000u);
}

TEST_F(LedgerBookTest, KeepsWhatDoesNotFitIntoOnePage) {
  for (const char* kind : {"a", "b", "c"}) Count("alice", kind);
  EXPECT_THAT(book_.TakeDue(at_, 2, false), SizeIs(2));
  EXPECT_THAT(book_.TakeDue(at_, 2, false), SizeIs(1));
}

TEST_F(LedgerBookTest, GivesEverySingleRowAndMergesOnlyWhatOverflows) {
  for (const char* body : {"\"n\":1", "\"n\":2", "\"n\":3", "\"n\":4"}) Add(body);
  const std::vector<CountedRow> due = Due();
  ASSERT_THAT(due, SizeIs(3));
  EXPECT_THAT(due[0].Data(), HasSubstr("\"n\":1"));
  EXPECT_THAT(due[1].Data(), HasSubstr("\"n\":2"));
  EXPECT_EQ(due[2].count, 2u);
}

TEST_F(LedgerBookTest, FindsWhatWaits) {
  const UuidBytes id = Count("alice", "a");
  ASSERT_NE(book_.Find(id), nullptr);
  EXPECT_EQ(book_.Find(id)->row.body, "\"kind\":\"a\"");
  Due();
  EXPECT_EQ(book_.Find(id), nullptr);
}

TEST_F(LedgerBookTest, GivesAllAtTheEnd) {
  Count("alice", "a");
  Due();
  Count("alice", "a");
  EXPECT_THAT(Due(), IsEmpty());
  EXPECT_THAT(book_.TakeDue(at_, 100, /*all=*/true), SizeIs(1));
}

}  // namespace
}  // namespace nexus::audit
