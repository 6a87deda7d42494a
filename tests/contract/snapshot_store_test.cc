// What every store of snapshots must do: each case runs against the one in memory and the one on
// RocksDB.

#include "nexus/port/snapshot_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/memory/memory_snapshot_store.h"
#include "storage/rocksdb/rocks_snapshot_store.h"
#include "storage/temporary_folder.h"

namespace nexus::contract {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SnapshotsUnderTest {
 public:
  virtual ~SnapshotsUnderTest() = default;
  virtual SnapshotStore& store() = 0;
};

class MemorySnapshotsUnderTest : public SnapshotsUnderTest {
 public:
  SnapshotStore& store() override { return store_; }

 private:
  storage::MemorySnapshotStore store_;
};

class RocksSnapshotsUnderTest : public SnapshotsUnderTest {
 public:
  RocksSnapshotsUnderTest() {
    auto database = storage::DerivedDatabase::Open(folder_.path());
    if (!database.ok()) std::abort();
    database_ = *std::move(database);
    auto opened = storage::RocksSnapshotStore::Open(*database_, {.incarnation = 1});
    if (!opened.ok()) std::abort();
    store_ = *std::move(opened);
  }
  SnapshotStore& store() override { return *store_; }

 private:
  storage::TemporaryFolder folder_;
  std::unique_ptr<storage::DerivedDatabase> database_;
  std::unique_ptr<storage::RocksSnapshotStore> store_;
};

struct SnapshotStoreKind {
  std::string name;
  std::function<std::unique_ptr<SnapshotsUnderTest>()> make;
};
void PrintTo(const SnapshotStoreKind& kind, std::ostream* out) { *out << kind.name; }

bool AnySnapshot(const SnapshotInfo&) { return true; }

// The event at revision r is at position 10 r + 5.
Snapshot SnapshotAt(const std::string& stream, uint64_t revision, const std::string& digest = "d") {
  Snapshot snapshot;
  snapshot.info.stream = stream;
  snapshot.info.revision = Revision(revision);
  snapshot.info.position = Position(10 * revision + 5);
  snapshot.info.event_id.bytes[15] = static_cast<uint8_t>(revision);
  snapshot.info.recorded.micros = 1'000 + static_cast<int64_t>(revision);
  snapshot.info.events = revision + 1;
  snapshot.info.made.micros = 5'000;
  snapshot.info.aggregate = "order";
  snapshot.info.state_schema = 3;
  snapshot.info.code_digest = digest;
  snapshot.info.other_types = {"Painted", "Weighed"};
  snapshot.state = absl::StrCat("{\"at\":", revision, "}");
  snapshot.info.state_bytes = snapshot.state.size();
  return snapshot;
}

class SnapshotStoreContract : public ::testing::TestWithParam<SnapshotStoreKind> {
 protected:
  SnapshotStore& store() { return under_test_->store(); }

  void Put(const std::string& stream, const std::vector<uint64_t>& revisions) {
    for (const uint64_t revision : revisions) {
      ASSERT_TRUE(store().Put(SnapshotAt(stream, revision)).ok());
    }
  }
  // Its revision; -1: there is none.
  int Nearest(const std::string& stream, const SnapshotBound& bound = {},
              SnapshotStore::Usable usable = AnySnapshot) {
    const auto found = store().Nearest(stream, bound, usable);
    EXPECT_TRUE(found.ok()) << found.status();
    if (!found.ok() || !found->has_value()) return -1;
    return static_cast<int>((*found)->info.revision.value);
  }
  std::vector<std::string> List(SnapshotQuery query = {}) {
    std::vector<std::string> all;
    for (;;) {
      const auto page = store().List(query);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return all;
      EXPECT_LE(page->snapshots.size(), query.limit);
      for (const SnapshotInfo& info : page->snapshots) {
        all.push_back(absl::StrCat(info.stream, "@", info.revision.value));
        query.after = SnapshotCursor{info.stream, info.revision};
      }
      if (page->end) return all;
    }
  }

  const std::unique_ptr<SnapshotsUnderTest> under_test_ = GetParam().make();
};

TEST_P(SnapshotStoreContract, HasNothingAtFirst) {
  EXPECT_EQ(Nearest("order-7"), -1);
  EXPECT_THAT(List(), IsEmpty());
  EXPECT_EQ(*store().Delete("order-7", std::nullopt), 0u);
  EXPECT_EQ(*store().Expire("order-7", 1), 0u);
}

TEST_P(SnapshotStoreContract, GivesBackAllOfIt) {
  Snapshot put = SnapshotAt("order-7", 41);
  put.state = std::string(100'000, 'x');
  put.info.state_bytes = 0;
  ASSERT_TRUE(store().Put(put).ok());
  put.info.state_bytes = put.state.size();
  const auto found = store().Nearest("order-7", {}, AnySnapshot);
  ASSERT_TRUE(found.ok() && found->has_value());
  EXPECT_EQ(**found, put);
  const auto page = store().List({});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(page->snapshots, ElementsAre(put.info));
}

TEST_P(SnapshotStoreContract, PutsAnotherInThePlaceOfOneAtTheSameRevision) {
  ASSERT_TRUE(store().Put(SnapshotAt("order-7", 4, "old")).ok());
  ASSERT_TRUE(store().Put(SnapshotAt("order-7", 4, "new")).ok());
  EXPECT_THAT(List(), ElementsAre("order-7@4"));
  EXPECT_EQ((*store().Nearest("order-7", {}, AnySnapshot))->info.code_digest, "new");
}

TEST_P(SnapshotStoreContract, FindsTheNewestWithinTheBound) {
  Put("order-7", {300, 9, 0, 80});
  EXPECT_EQ(Nearest("order-7"), 300);
  EXPECT_EQ(Nearest("order-7", {.revision = Revision(300)}), 300);
  EXPECT_EQ(Nearest("order-7", {.revision = Revision(299)}), 80);
  EXPECT_EQ(Nearest("order-7", {.revision = Revision(0)}), 0);
  EXPECT_EQ(Nearest("order-7", {.position = Position(95)}), 9);
  EXPECT_EQ(Nearest("order-7", {.position = Position(94)}), 0);
  EXPECT_EQ(Nearest("order-7", {.position = Position(4)}), -1);
  EXPECT_EQ(Nearest("order-7", {.revision = Revision(200), .position = Position(94)}), 0);
}

TEST_P(SnapshotStoreContract, AsksFromTheNewestToTheOldestWhichIsUsable) {
  Put("order-7", {1, 2, 3, 4});
  std::vector<uint64_t> asked;
  EXPECT_EQ(Nearest("order-7", {.revision = Revision(3)},
                    [&](const SnapshotInfo& info) {
                      asked.push_back(info.revision.value);
                      return info.revision.value == 2;
                    }),
            2);
  EXPECT_THAT(asked, ElementsAre(3, 2));
  EXPECT_EQ(Nearest("order-7", {}, [](const SnapshotInfo&) { return false; }), -1);
}

TEST_P(SnapshotStoreContract, TellsStreamsApart) {
  Put("order-7", {1});
  Put("order-77", {2});
  Put("order", {3});
  EXPECT_EQ(Nearest("order-7"), 1);
  EXPECT_EQ(Nearest("order-77"), 2);
  EXPECT_EQ(Nearest("order"), 3);
  EXPECT_EQ(Nearest("order-"), -1);
  EXPECT_EQ(Nearest("order-6"), -1);
}

TEST_P(SnapshotStoreContract, ListsStreamsByNameAndTheNewestFirst) {
  Put("b", {1, 300, 2});
  Put("a-1", {7});
  Put("a", {0, 9});
  const std::vector<std::string> all = {"a@9", "a@0", "a-1@7", "b@300", "b@2", "b@1"};
  for (const size_t limit : {1u, 2u, 3u, 5u, 100u}) EXPECT_EQ(List({.limit = limit}), all) << limit;
  for (const size_t limit : {1u, 2u, 100u}) {
    EXPECT_THAT(List({.stream = "b", .limit = limit}), ElementsAre("b@300", "b@2", "b@1"));
    EXPECT_THAT(List({.stream = "a", .limit = limit}), ElementsAre("a@9", "a@0"));
  }
  EXPECT_THAT(List({.stream = "c"}), IsEmpty());
}

TEST_P(SnapshotStoreContract, DeletesOneOrAllOfAStream) {
  Put("order-7", {1, 2, 3});
  Put("order-77", {2});
  EXPECT_EQ(*store().Delete("order-7", Revision(9)), 0u);
  EXPECT_EQ(*store().Delete("order-7", Revision(2)), 1u);
  EXPECT_THAT(List(), ElementsAre("order-7@3", "order-7@1", "order-77@2"));
  EXPECT_EQ(*store().Delete("order-7", std::nullopt), 2u);
  EXPECT_THAT(List(), ElementsAre("order-77@2"));
}

TEST_P(SnapshotStoreContract, KeepsTheNewestWhenItExpires) {
  Put("order-7", {1, 2, 3, 4});
  Put("order-77", {1, 2});
  EXPECT_EQ(*store().Expire("order-7", 9), 0u);
  EXPECT_EQ(*store().Expire("order-7", 2), 2u);
  EXPECT_THAT(List(), ElementsAre("order-7@4", "order-7@3", "order-77@2", "order-77@1"));
  EXPECT_EQ(*store().Expire("order-7", 0), 2u);
  EXPECT_EQ(Nearest("order-7"), -1);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SnapshotStoreContract,
    ::testing::Values(
        SnapshotStoreKind{"memory", [] { return std::make_unique<MemorySnapshotsUnderTest>(); }},
        SnapshotStoreKind{"rocksdb", [] { return std::make_unique<RocksSnapshotsUnderTest>(); }}),
    [](const auto& made) { return made.param.name; });

}  // namespace
}  // namespace nexus::contract
