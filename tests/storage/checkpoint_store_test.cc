#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "nexus/core/errors.h"
#include "storage/memory/memory_checkpoint_store.h"
#include "storage/rocksdb/rocks_checkpoint_store.h"
#include "storage/temporary_folder.h"

namespace nexus::storage {
namespace {

void KeepsWhatEachReaderSaved(CheckpointStore& store) {
  EXPECT_EQ(store.Load("router")->has_value(), false);
  ASSERT_TRUE(store.Save("router", Position(7)).ok());
  ASSERT_TRUE(store.Save("router/2", Position(8)).ok());
  ASSERT_TRUE(store.Save("router", Position(9)).ok());
  ASSERT_TRUE(store.Save("", Position(0)).ok());
  EXPECT_EQ(store.Load("router")->value(), Position(9));
  EXPECT_EQ(store.Load("router/2")->value(), Position(8));
  EXPECT_EQ(store.Load("")->value(), Position(0));
  EXPECT_EQ(store.Load("other")->has_value(), false);
}

TEST(MemoryCheckpointStoreTest, KeepsWhatEachReaderSaved) {
  MemoryCheckpointStore store;
  KeepsWhatEachReaderSaved(store);
}

std::unique_ptr<DerivedDatabase> OpenDerived(const std::string& folder) {
  auto opened = DerivedDatabase::Open(folder);
  EXPECT_TRUE(opened.ok()) << opened.status();
  return opened.ok() ? *std::move(opened) : nullptr;
}

TEST(RocksCheckpointStoreTest, KeepsWhatEachReaderSaved) {
  TemporaryFolder folder;
  const auto database = OpenDerived(folder.path());
  RocksCheckpointStore store(*database);
  KeepsWhatEachReaderSaved(store);
}

TEST(RocksCheckpointStoreTest, KeepsCheckpointsAcrossReopening) {
  TemporaryFolder folder;
  {
    const auto database = OpenDerived(folder.path());
    ASSERT_TRUE(RocksCheckpointStore(*database).Save("router", Position(UINT64_MAX)).ok());
  }
  const auto database = OpenDerived(folder.path());
  EXPECT_EQ(RocksCheckpointStore(*database).Load("router")->value(), Position(UINT64_MAX));
}

TEST(RocksCheckpointStoreTest, RefusesASecondUser) {
  TemporaryFolder folder;
  const auto database = OpenDerived(folder.path());
  EXPECT_EQ(ReasonOf(DerivedDatabase::Open(folder.path()).status()),
            ErrorReason::kDataFolderLocked);
}

}  // namespace
}  // namespace nexus::storage
