#include "evidence/faulty_file_system.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::evidence {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

constexpr uint64_t kSectorBytes = 512;

// Info logs say what happened; nothing depends on them.
bool IsInfoLog(const std::string& path) {
  return absl::StartsWith(std::filesystem::path(path).filename().string(), "LOG");
}

std::string FolderOf(const std::string& path) {
  std::string folder = std::filesystem::path(path).parent_path().string();
  while (folder.size() > 1 && folder.back() == '/') folder.pop_back();
  return folder;
}

std::string Normal(const std::string& path) {
  return std::filesystem::path(path).lexically_normal().string();
}

}  // namespace

class FaultyFileSystem::WritableFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  WritableFile(std::unique_ptr<rocksdb::FSWritableFile> file, std::string name,
               FaultyFileSystem& system)
      : FSWritableFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* context) override {
    absl::MutexLock lock(&system_.mutex_);
    const IOStatus entered = system_.Enter(IoKind::kAppend, name_);
    if (entered.ok()) return Land(data, options, context);
    if (system_.fault_.kind == FaultKind::kShortWrite) {
      Land(Slice(data.data(), data.size() / 2), options, context).PermitUncheckedError();
    }
    return entered;
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* context) override {
    return Append(data, options, context);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return NoteSync(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return NoteSync(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();  // promises nothing
  }
  // Space that is set aside is only time lost here.
  void PrepareWrite(size_t, size_t, const IOOptions&, IODebugContext*) override {}
  IOStatus Allocate(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }

 private:
  IOStatus Land(const Slice& data, const IOOptions& options, IODebugContext* context)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(system_.mutex_) {
    const IOStatus written = target()->Append(data, options, context);
    if (written.ok()) system_.files_[name_].size += data.size();
    return written;
  }
  IOStatus NoteSync() {
    system_.WaitToSync(name_);
    absl::MutexLock lock(&system_.mutex_);
    const IOStatus entered = system_.Enter(IoKind::kSync, name_);
    if (!entered.ok()) return entered;
    FileState& state = system_.files_[name_];
    state.synced = state.size;
    return IOStatus::OK();
  }

  const std::string name_;
  FaultyFileSystem& system_;
};

class FaultyFileSystem::SequentialFile : public rocksdb::FSSequentialFileOwnerWrapper {
 public:
  SequentialFile(std::unique_ptr<rocksdb::FSSequentialFile> file, std::string name,
                 FaultyFileSystem& system)
      : FSSequentialFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Read(size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) override {
    {
      absl::MutexLock lock(&system_.mutex_);
      const IOStatus entered = system_.Enter(IoKind::kRead, name_);
      if (!entered.ok()) return entered;
    }
    return target()->Read(n, options, result, scratch, context);
  }

 private:
  const std::string name_;
  FaultyFileSystem& system_;
};

class FaultyFileSystem::RandomAccessFile : public rocksdb::FSRandomAccessFileOwnerWrapper {
 public:
  RandomAccessFile(std::unique_ptr<rocksdb::FSRandomAccessFile> file, std::string name,
                   FaultyFileSystem& system)
      : FSRandomAccessFileOwnerWrapper(std::move(file)), name_(std::move(name)), system_(system) {}

  IOStatus Read(uint64_t offset, size_t n, const IOOptions& options, Slice* result, char* scratch,
                IODebugContext* context) const override {
    {
      absl::MutexLock lock(&system_.mutex_);
      const IOStatus entered = system_.Enter(IoKind::kRead, name_);
      if (!entered.ok()) return entered;
    }
    const IOStatus got = target()->Read(offset, n, options, result, scratch, context);
    if (got.ok() && result->data() == scratch) system_.Spoil(name_, scratch, result->size());
    return got;
  }

 private:
  const std::string name_;
  FaultyFileSystem& system_;
};

class FaultyFileSystem::Folder : public rocksdb::FSDirectoryWrapper {
 public:
  Folder(std::unique_ptr<rocksdb::FSDirectory> folder, std::string name, FaultyFileSystem& system)
      : FSDirectoryWrapper(std::move(folder)), name_(std::move(name)), system_(system) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    absl::MutexLock lock(&system_.mutex_);
    const IOStatus entered = system_.Enter(IoKind::kFolderSync, name_);
    if (entered.ok()) system_.FolderSynced(name_);
    return entered;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* context,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, context);
  }

 private:
  const std::string name_;
  FaultyFileSystem& system_;
};

FaultyFileSystem::FaultyFileSystem(FaultPlan fault, PowerCutPlan cut, std::string graveyard,
                                   IoRecord& record)
    : FileSystemWrapper(rocksdb::FileSystem::Default()),
      fault_(fault),
      cut_(cut),
      graveyard_(std::move(graveyard)),
      record_(record),
      random_(cut.seed) {}

IOStatus FaultyFileSystem::Enter(IoKind kind, const std::string& name) {
  const uint64_t number = ++record_.operations;
  if (cut_.at == number) {
    record_.kind = static_cast<int>(kind);
    record_.hit = true;
    CutPower();
  }
  const bool ruled = rule_ && rule_->kind != FaultKind::kFlippedBit && Meets(*rule_, kind, name);
  const bool due = fault_.at == number || (fault_.lasting && fault_.at != 0 && number > fault_.at);
  if (!due && !ruled) return IOStatus::OK();
  const FaultKind fault = ruled ? rule_->kind : fault_.kind;
  // A full disk lets reads, renames and deletions through.
  const bool takes_space = kind != IoKind::kRead && kind != IoKind::kDelete;
  if (fault == FaultKind::kNoSpace && !takes_space) return IOStatus::OK();
  if (!record_.hit) record_.kind = static_cast<int>(kind);
  record_.hit = true;
  if (fault == FaultKind::kIoError || !takes_space) return IOStatus::IOError("planted EIO");
  return IOStatus::NoSpace("planted ENOSPC");
}

void FaultyFileSystem::FailFromNow(FaultRule rule) {
  absl::MutexLock lock(&mutex_);
  rule_ = std::move(rule);
}

bool FaultyFileSystem::Meets(const FaultRule& rule, IoKind kind, const std::string& name) const {
  if (rule.on != kind) return false;
  if (!absl::StrContains(std::filesystem::path(name).filename().string(), rule.in_name)) {
    return false;
  }
  char thread[16] = {};
  pthread_getname_np(pthread_self(), thread, sizeof(thread));
  return rule.thread.empty() || absl::StartsWith(thread, rule.thread);
}

void FaultyFileSystem::Spoil(const std::string& name, char* data, size_t size) {
  absl::MutexLock lock(&mutex_);
  const bool due = rule_ && rule_->kind == FaultKind::kFlippedBit && size > 0 &&
                   Meets(*rule_, IoKind::kRead, name);
  if (!due) return;
  record_.kind = static_cast<int>(IoKind::kRead);
  record_.hit = true;
  data[size / 2] = static_cast<char>(data[size / 2] ^ 1);
}

IOStatus FaultyFileSystem::NewWritableFile(const std::string& name,
                                           const rocksdb::FileOptions& options,
                                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext* context) {
  if (IsInfoLog(name)) return target()->NewWritableFile(name, options, file, context);
  const std::string path = Normal(name);
  absl::MutexLock lock(&mutex_);
  const IOStatus entered = Enter(IoKind::kCreate, path);
  if (!entered.ok()) return entered;
  Pending pending{IoKind::kCreate, path, "", Bury(path)};
  const IOStatus made = target()->NewWritableFile(name, options, file, context);
  if (!made.ok()) return made;
  pending_[FolderOf(path)].push_back(std::move(pending));
  files_[path] = FileState();
  *file = std::make_unique<WritableFile>(std::move(*file), path, *this);
  return made;
}

IOStatus FaultyFileSystem::NewSequentialFile(const std::string& name,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                             IODebugContext* context) {
  const IOStatus opened = target()->NewSequentialFile(name, options, file, context);
  if (opened.ok() && !IsInfoLog(name)) {
    *file = std::make_unique<SequentialFile>(std::move(*file), name, *this);
  }
  return opened;
}

IOStatus FaultyFileSystem::NewRandomAccessFile(const std::string& name,
                                               const rocksdb::FileOptions& options,
                                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                               IODebugContext* context) {
  const IOStatus opened = target()->NewRandomAccessFile(name, options, file, context);
  if (opened.ok()) *file = std::make_unique<RandomAccessFile>(std::move(*file), name, *this);
  return opened;
}

IOStatus FaultyFileSystem::NewDirectory(const std::string& name, const IOOptions& options,
                                        std::unique_ptr<rocksdb::FSDirectory>* folder,
                                        IODebugContext* context) {
  const IOStatus opened = target()->NewDirectory(name, options, folder, context);
  // "x/." so that a name with and without a slash at its end mean the same folder.
  if (opened.ok()) {
    *folder = std::make_unique<Folder>(std::move(*folder), FolderOf(Normal(name + "/.")), *this);
  }
  return opened;
}

IOStatus FaultyFileSystem::RenameFile(const std::string& from, const std::string& to,
                                      const IOOptions& options, IODebugContext* context) {
  if (IsInfoLog(from)) return target()->RenameFile(from, to, options, context);
  const std::string source = Normal(from);
  const std::string goal = Normal(to);
  absl::MutexLock lock(&mutex_);
  const IOStatus entered = Enter(IoKind::kRename, source);
  if (!entered.ok()) return entered;
  Pending pending{IoKind::kRename, source, goal, Bury(goal)};
  const IOStatus renamed = target()->RenameFile(from, to, options, context);
  if (!renamed.ok()) return renamed;
  pending_[FolderOf(goal)].push_back(std::move(pending));
  if (const auto it = files_.find(source); it != files_.end()) {
    files_[goal] = it->second;
    files_.erase(source);
  }
  return renamed;
}

IOStatus FaultyFileSystem::DeleteFile(const std::string& name, const IOOptions& options,
                                      IODebugContext* context) {
  if (IsInfoLog(name)) return target()->DeleteFile(name, options, context);
  const std::string path = Normal(name);
  absl::MutexLock lock(&mutex_);
  const IOStatus entered = Enter(IoKind::kDelete, path);
  if (!entered.ok()) return entered;
  Pending pending{IoKind::kDelete, path, "", Bury(path)};
  if (pending.kept.empty()) return target()->DeleteFile(name, options, context);
  pending_[FolderOf(path)].push_back(std::move(pending));
  return IOStatus::OK();
}

std::string FaultyFileSystem::Bury(const std::string& name) {
  const std::string grave = absl::StrCat(graveyard_, "/", buried_++);
  if (rename(name.c_str(), grave.c_str()) != 0) return "";
  // Its unsynced part goes with it.
  if (const auto it = files_.find(name); it != files_.end()) {
    files_[grave] = it->second;
    files_.erase(it);
  }
  return grave;
}

void FaultyFileSystem::FolderSynced(const std::string& folder) {
  if (cut_.skip_folder_syncs) return;
  for (const Pending& pending : pending_[folder]) {
    if (!pending.kept.empty()) unlink(pending.kept.c_str());
    files_.erase(pending.kept);
  }
  pending_.erase(folder);
}

void FaultyFileSystem::CutPower() {
  for (const auto& [name, state] : files_) LoseUnsynced(name, state);
  UndoFolderChanges();
  _exit(kPowerCutExit);
}

// A journal keeps the order of what happens in a folder: some first part of it is there.
void FaultyFileSystem::UndoFolderChanges() {
  for (auto& [folder, changes] : pending_) {
    const size_t kept = Below(changes.size() + 1);
    while (changes.size() > kept) {
      const Pending change = std::move(changes.back());
      changes.pop_back();
      if (change.kind == IoKind::kRename) rename(change.to.c_str(), change.from.c_str());
      if (change.kind == IoKind::kCreate) unlink(change.from.c_str());
      if (change.kept.empty()) continue;
      const std::string& name = change.kind == IoKind::kRename ? change.to : change.from;
      rename(change.kept.c_str(), name.c_str());
    }
  }
}

// Of the sectors that were not synced a first part is there, or any of them, the others as zeros.
void FaultyFileSystem::LoseUnsynced(const std::string& name, const FileState& state) {
  if (state.synced >= state.size) return;
  const int fd = open(name.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) return;
  const uint64_t first = state.synced / kSectorBytes;
  const uint64_t sectors = (state.size + kSectorBytes - 1) / kSectorBytes - first;
  const uint64_t kept = Below(sectors + 1);
  const uint64_t end = std::min(state.size, (first + kept) * kSectorBytes);
  // The sector that the synced part ends in is written anew as a whole: it keeps that part.
  bool failed = ftruncate(fd, static_cast<off_t>(std::max(state.synced, end))) != 0;
  const std::string zeros(kSectorBytes, '\0');
  for (uint64_t i = 0; cut_.reorder && i < kept; ++i) {
    if (Below(2) == 0) continue;
    const uint64_t from = std::max(state.synced, (first + i) * kSectorBytes);
    const uint64_t to = std::min(end, (first + i + 1) * kSectorBytes);
    if (from >= to) continue;
    failed |= pwrite(fd, zeros.data(), to - from, static_cast<off_t>(from)) < 0;
  }
  close(fd);
  if (failed) _exit(1);
}

void FaultyFileSystem::SlowSyncs(absl::Duration each) {
  absl::MutexLock lock(&sync_mutex_);
  sync_delay_ = each;
}

void FaultyFileSystem::HoldSyncs(bool hold) {
  absl::MutexLock lock(&sync_mutex_);
  hold_ = hold;
}

void FaultyFileSystem::WaitForHeldSync() {
  absl::MutexLock lock(&sync_mutex_);
  const auto held = [this] { return hold_ && held_ > 0; };
  sync_mutex_.Await(absl::Condition(&held));
}

void FaultyFileSystem::WaitToSync(const std::string& name) {
  if (!absl::EndsWith(name, ".log")) return;
  absl::MutexLock lock(&sync_mutex_);
  const auto never = [] { return false; };
  if (sync_delay_ > absl::ZeroDuration()) {
    sync_mutex_.AwaitWithTimeout(absl::Condition(&never), sync_delay_);
  }
  ++held_;
  const auto free = [this] { return !hold_; };
  sync_mutex_.Await(absl::Condition(&free));
  --held_;
}

}  // namespace nexus::evidence
