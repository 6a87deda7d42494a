#include <gtest/gtest.h>

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

TEST(RocksCheckpointStoreTest, KeepsWhatEachReaderSaved) {
  TemporaryFolder folder;
  const auto store = RocksCheckpointStore::Open(folder.path());
  ASSERT_TRUE(store.ok()) << store.status();
  KeepsWhatEachReaderSaved(**store);
}

TEST(RocksCheckpointStoreTest, KeepsCheckpointsAcrossReopening) {
  TemporaryFolder folder;
  {
    const auto store = RocksCheckpointStore::Open(folder.path());
    ASSERT_TRUE(store.ok());
    ASSERT_TRUE((*store)->Save("router", Position(UINT64_MAX)).ok());
  }
  const auto store = RocksCheckpointStore::Open(folder.path());
  ASSERT_TRUE(store.ok());
  EXPECT_EQ((*store)->Load("router")->value(), Position(UINT64_MAX));
}

TEST(RocksCheckpointStoreTest, RefusesASecondUser) {
  TemporaryFolder folder;
  const auto store = RocksCheckpointStore::Open(folder.path());
  ASSERT_TRUE(store.ok());
  EXPECT_EQ(ReasonOf(RocksCheckpointStore::Open(folder.path()).status()),
            ErrorReason::kDataFolderLocked);
}

}  // namespace
}  // namespace nexus::storage
