#pragma once

// The real file system as a bad day would have it: the N-th operation fails, or the power goes
// before it. Used in a child process that may be ended by it.
//
// A sync is only noted, not done, which makes runs fast: what counts as durable is what a power cut
// leaves. Thread-safe. RocksDB's info logs are neither counted nor touched.

#include <rocksdb/file_system.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace nexus::evidence {

enum class IoKind { kAppend, kSync, kFolderSync, kCreate, kRename, kDelete, kRead };

enum class FaultKind {
  kIoError,     // nothing happens, EIO
  kNoSpace,     // nothing happens, ENOSPC; only what takes space can meet it
  kShortWrite,  // half of the bytes of an append land, then ENOSPC; else as kIoError
  kFlippedBit,  // only in a FaultRule for reads: they succeed with a bit of the data flipped
};

struct FaultPlan {
  uint64_t at = 0;  // the operation that fails, from 1; 0: none
  FaultKind kind = FaultKind::kIoError;
  bool lasting = false;  // all later ones fail too
};

// Every operation of one kind on some files fails, from when it is given.
struct FaultRule {
  std::string in_name;  // of the file, without its folder
  IoKind on = IoKind::kAppend;
  FaultKind kind = FaultKind::kIoError;
  std::string thread = {};  // only on threads of this name; empty: on all
};

// Before operation `at` the power goes: of what was not synced a part is there, and the process
// ends with kPowerCutExit.
struct PowerCutPlan {
  uint64_t at = 0;  // 0: never
  uint64_t seed = 1;
  bool reorder = false;            // unsynced sectors survive in any order, not as a prefix
  bool skip_folder_syncs = false;  // control: as if nobody had synced a folder
};

inline constexpr int kPowerCutExit = 77;

// What the parent of the child wants to know; lives in memory that both share.
struct IoRecord {
  std::atomic<uint64_t> operations{0};
  std::atomic<bool> hit{false};  // the planned fault or cut was reached
  std::atomic<int> kind{-1};     // the IoKind that it met
};

class FaultyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // `graveyard`: an empty folder outside of the data, on the same file system. `record` must
  // outlive this.
  FaultyFileSystem(FaultPlan fault, PowerCutPlan cut, std::string graveyard, IoRecord& record);

  const char* Name() const override { return "EvidenceFileSystem"; }

  // In force from now on. At most one.
  void FailFromNow(FaultRule rule);
  // Every sync of a write-ahead log takes this long from now on.
  void SlowSyncs(absl::Duration each);
  // Syncs of write-ahead logs wait until they are let through.
  void HoldSyncs(bool hold);
  // Returns when a sync is being held.
  void WaitForHeldSync();

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewSequentialFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                      rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewRandomAccessFile(const std::string& name,
                                        const rocksdb::FileOptions& options,
                                        std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                        rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* folder,
                                 rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;
  rocksdb::IOStatus DeleteFile(const std::string& name, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override;

 private:
  class WritableFile;
  class SequentialFile;
  class RandomAccessFile;
  class Folder;

  struct FileState {
    uint64_t size = 0;
    uint64_t synced = 0;
  };
  // A change of a folder that no sync has made durable yet.
  struct Pending {
    IoKind kind = IoKind::kCreate;
    std::string from;  // the name created, deleted or renamed
    std::string to;    // of a rename
    std::string kept;  // where the file lies that was deleted or replaced; empty: there was none
  };

  // Counts an operation. Not OK: it is the one to fail, or a later one.
  rocksdb::IOStatus Enter(IoKind kind, const std::string& name)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool Meets(const FaultRule& rule, IoKind kind, const std::string& name) const;
  // What a read got, as the rule has it.
  void Spoil(const std::string& name, char* data, size_t size) ABSL_LOCKS_EXCLUDED(mutex_);
  [[noreturn]] void CutPower() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void UndoFolderChanges() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void LoseUnsynced(const std::string& name, const FileState& state)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Moves the file away and returns where to; empty if there is none.
  std::string Bury(const std::string& name) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FolderSynced(const std::string& folder) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WaitToSync(const std::string& name);
  uint64_t Below(uint64_t bound) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return random_() % bound; }

  const FaultPlan fault_;
  const PowerCutPlan cut_;
  const std::string graveyard_;
  IoRecord& record_;

  absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_);
  std::optional<FaultRule> rule_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, FileState> files_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, std::vector<Pending>> pending_ ABSL_GUARDED_BY(mutex_);  // by folder
  uint64_t buried_ ABSL_GUARDED_BY(mutex_) = 0;

  absl::Mutex sync_mutex_;
  absl::Duration sync_delay_ ABSL_GUARDED_BY(sync_mutex_) = absl::ZeroDuration();
  bool hold_ ABSL_GUARDED_BY(sync_mutex_) = false;
  int held_ ABSL_GUARDED_BY(sync_mutex_) = 0;
};

}  // namespace nexus::evidence
