#include "storage/rocksdb/anchor_keeper.h"

#include <utility>

#include "nexus/core/status_macros.h"

namespace nexus::storage {

AnchorKeeper::AnchorKeeper(std::unique_ptr<AnchorFile> file, const Anchor& written,
                           LogDatabase& database, LogMetrics& metrics, Options options)
    : file_(std::move(file)),
      database_(database),
      metrics_(metrics),
      options_(std::move(options)),
      head_(written.head),
      chain_(written.chain),
      written_(written),
      thread_([this] { Run(); }) {
  metrics_.anchor.Set(static_cast<double>(written.head.value));
}

AnchorKeeper::~AnchorKeeper() { StopThread(); }

void AnchorKeeper::Advanced(Position head, uint64_t chain, uint64_t bytes) {
  absl::MutexLock lock(&mutex_);
  const bool idle = bytes_ == 0;
  const bool was_hurried = Hurried();
  head_ = head;
  chain_ = chain;
  bytes_ += bytes;
  // The thread sleeps through everything in between.
  if (idle || (Hurried() && !was_hurried)) changed_.Signal();
}

void AnchorKeeper::WalRotated() {
  absl::MutexLock lock(&mutex_);
  rotated_ = true;
  changed_.Signal();
}

void AnchorKeeper::StopThread() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    changed_.Signal();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status AnchorKeeper::Finish(bool clean) {
  StopThread();
  return clean ? WriteLatest(true) : absl::OkStatus();
}

void AnchorKeeper::Run() {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      while (bytes_ == 0 && !Hurried()) changed_.Wait(&mutex_);
      while (!Hurried()) {
        if (changed_.WaitWithTimeout(&mutex_, options_.interval)) break;
      }
      if (stopped_) return;
    }
    const absl::Status written = WriteLatest(false);
    if (written.ok()) continue;
    // A slot in doubt must not be followed by a write of the other one.
    if (options_.on_fault) options_.on_fault(written);
    return;
  }
}

absl::Status AnchorKeeper::WriteLatest(bool clean) {
  Anchor next = written_;
  ++next.sequence;
  next.clean = clean;
  {
    absl::MutexLock lock(&mutex_);
    next.head = head_;
    next.chain = chain_;
    bytes_ = 0;
    rotated_ = false;
  }
  // Asked after the head was taken: the log that holds it is this one or an earlier one.
  NEXUS_ASSIGN_OR_RETURN(next.wal, database_.NewestWal());
  // A power cut must not take a file that the anchor speaks of.
  if (next.wal != written_.wal) NEXUS_RETURN_IF_ERROR(database_.SyncFolder());
  NEXUS_RETURN_IF_ERROR(file_->Write(next));
  written_ = next;
  metrics_.anchor.Set(static_cast<double>(next.head.value));
  metrics_.anchor_writes.Add(1);
  return absl::OkStatus();
}

}  // namespace nexus::storage
