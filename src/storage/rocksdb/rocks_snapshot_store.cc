#include "storage/rocksdb/rocks_snapshot_store.h"

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/log_database.h"
#include "storage/rocksdb/rocks_status.h"
#include "storage/rocksdb/snapshot_codec.h"

namespace nexus::storage {
namespace {

constexpr uint32_t kSnapshotTenant = 0;
// What was removed is walked over until it is compacted away. Of a stream that gets snapshots often
// that could be thousands, and all behind the first few has gone before.
constexpr uint64_t kRemovedWalkedMax = 1'000;
constexpr Revision kNewestRevision{std::numeric_limits<uint64_t>::max()};

// In front of the first key behind all of `stream`.
std::string BehindStream(absl::string_view stream) {
  std::string behind = SnapshotPrefix(kSnapshotTenant, stream);
  behind.back() = '\1';
  return behind;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RocksSnapshotStore>> RocksSnapshotStore::Open(
    DerivedDatabase& database, const RocksSnapshotStoreOptions& options) {
  std::unique_ptr<RocksSnapshotStore> store(new RocksSnapshotStore(database, options));
  std::string value;
  const rocksdb::Status got = database.db().Get(rocksdb::ReadOptions(), database.snapshots(),
                                                ToSlice(kSnapshotLogKey), &value);
  if (got.ok()) {
    const absl::StatusOr<uint64_t> incarnation = DecodeSnapshotLog(value);
    if (incarnation.ok() && *incarnation == options.incarnation) return store;
  }
  NEXUS_RETURN_IF_ERROR(store->Clear());
  return store;
}

absl::Status RocksSnapshotStore::Clear() {
  rocksdb::WriteBatch write;
  write.DeleteRange(database_.snapshots(), SnapshotTenantPrefix(0),
                    SnapshotTenantPrefix(std::numeric_limits<uint32_t>::max()));
  write.Put(database_.snapshots(), ToSlice(kSnapshotLogKey),
            EncodeSnapshotLog(options_.incarnation));
  return ToStatus(database_.db().Write(rocksdb::WriteOptions(), &write),
                  "clearing snapshots of another log");
}

std::unique_ptr<rocksdb::Iterator> RocksSnapshotStore::Walk() {
  return std::unique_ptr<rocksdb::Iterator>(
      database_.db().NewIterator(rocksdb::ReadOptions(), database_.snapshots()));
}

std::optional<Snapshot> RocksSnapshotStore::ReadAt(const rocksdb::Iterator& it) const {
  absl::StatusOr<Snapshot> snapshot = DecodeSnapshot(ToView(it.key()), ToView(it.value()));
  if (snapshot.ok()) return *std::move(snapshot);
  if (options_.damaged != nullptr) options_.damaged->Add(1);
  return std::nullopt;
}

absl::Status RocksSnapshotStore::Put(const Snapshot& snapshot) {
  const std::string key =
      SnapshotKey(kSnapshotTenant, snapshot.info.stream, snapshot.info.revision);
  return ToStatus(database_.db().Put(rocksdb::WriteOptions(), database_.snapshots(), key,
                                     EncodeSnapshot(key, snapshot)),
                  "writing a snapshot");
}

absl::StatusOr<std::optional<Snapshot>> RocksSnapshotStore::Nearest(absl::string_view stream,
                                                                    const SnapshotBound& bound,
                                                                    Usable usable) {
  const std::string prefix = SnapshotPrefix(kSnapshotTenant, stream);
  const std::unique_ptr<rocksdb::Iterator> it = Walk();
  for (it->SeekForPrev(SnapshotKey(kSnapshotTenant, stream, bound.revision));
       it->Valid() && absl::StartsWith(ToView(it->key()), prefix); it->Prev()) {
    std::optional<Snapshot> found = ReadAt(*it);
    if (!found.has_value() || found->info.position > bound.position) continue;
    if (usable(found->info)) return found;
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "reading snapshots"));
  return std::optional<Snapshot>();
}

void RocksSnapshotStore::ListBack(rocksdb::Iterator& it, size_t limit, SnapshotPage& page) const {
  const std::string stream(DecodeSnapshotKey(ToView(it.key()))->stream);
  const std::string prefix = SnapshotPrefix(kSnapshotTenant, stream);
  for (; it.Valid() && absl::StartsWith(ToView(it.key()), prefix); it.Prev()) {
    std::optional<Snapshot> found = ReadAt(it);
    if (!found.has_value()) continue;
    if (page.snapshots.size() >= limit) {
      page.end = false;
      return;
    }
    page.snapshots.push_back(std::move(found->info));
  }
}

absl::StatusOr<SnapshotPage> RocksSnapshotStore::List(const SnapshotQuery& query) {
  SnapshotPage page;
  page.end = true;
  const size_t limit = std::max<size_t>(1, query.limit);
  const std::unique_ptr<rocksdb::Iterator> it = Walk();
  const auto list_stream = [&](absl::string_view stream, Revision newest) {
    it->SeekForPrev(SnapshotKey(kSnapshotTenant, stream, newest));
    if (it->Valid() && absl::StartsWith(ToView(it->key()), SnapshotPrefix(kSnapshotTenant, stream)))
      ListBack(*it, limit, page);
  };
  // What is left of the stream in which the page before ended.
  const bool of_one = !query.stream.empty();
  std::string stream = of_one ? query.stream : "";
  if (query.after.has_value() && (!of_one || query.after->stream == stream)) {
    stream = query.after->stream;
    if (query.after->revision.value > 0) {
      list_stream(stream, Revision(query.after->revision.value - 1));
    }
  } else if (of_one) {
    list_stream(stream, kNewestRevision);
  }
  while (!of_one && page.end) {
    it->Seek(stream.empty() ? SnapshotTenantPrefix(kSnapshotTenant) : BehindStream(stream));
    if (!it->Valid() || !absl::StartsWith(ToView(it->key()), SnapshotTenantPrefix(kSnapshotTenant)))
      break;
    const absl::StatusOr<SnapshotPlace> place = DecodeSnapshotKey(ToView(it->key()));
    if (!place.ok()) break;  // nobody wrote that
    stream = std::string(place->stream);
    list_stream(stream, kNewestRevision);
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "reading snapshots"));
  return page;
}

absl::StatusOr<uint64_t> RocksSnapshotStore::Delete(absl::string_view stream,
                                                    std::optional<Revision> revision) {
  const std::string prefix = SnapshotPrefix(kSnapshotTenant, stream);
  const std::string first = SnapshotKey(kSnapshotTenant, stream, revision.value_or(Revision(0)));
  rocksdb::WriteBatch write;
  const std::unique_ptr<rocksdb::Iterator> it = Walk();
  for (it->Seek(first); it->Valid() && absl::StartsWith(ToView(it->key()), prefix); it->Next()) {
    if (revision.has_value() && ToView(it->key()) != first) break;
    write.Delete(database_.snapshots(), it->key());
  }
  NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "reading snapshots"));
  NEXUS_RETURN_IF_ERROR(
      ToStatus(database_.db().Write(rocksdb::WriteOptions(), &write), "removing snapshots"));
  return static_cast<uint64_t>(write.Count());
}

absl::StatusOr<uint64_t> RocksSnapshotStore::Expire(absl::string_view stream, uint64_t keep) {
  const std::string prefix = SnapshotPrefix(kSnapshotTenant, stream);
  rocksdb::WriteBatch write;
  uint64_t kept = 0;
  rocksdb::ReadOptions bounded;
  bounded.max_skippable_internal_keys = kRemovedWalkedMax;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_.db().NewIterator(bounded, database_.snapshots()));
  for (it->SeekForPrev(SnapshotKey(kSnapshotTenant, stream, kNewestRevision));
       it->Valid() && absl::StartsWith(ToView(it->key()), prefix); it->Prev()) {
    // A damaged one takes nobody's place.
    if (kept < keep && ReadAt(*it).has_value()) {
      ++kept;
      continue;
    }
    write.Delete(database_.snapshots(), it->key());
  }
  if (!it->status().IsIncomplete()) {
    NEXUS_RETURN_IF_ERROR(ToStatus(it->status(), "reading snapshots"));
  }
  if (write.Count() == 0) return 0;
  NEXUS_RETURN_IF_ERROR(
      ToStatus(database_.db().Write(rocksdb::WriteOptions(), &write), "removing snapshots"));
  return static_cast<uint64_t>(write.Count());
}

}  // namespace nexus::storage
