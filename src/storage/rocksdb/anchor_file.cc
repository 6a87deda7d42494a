#include "storage/rocksdb/anchor_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {
namespace {

absl::Status AnchorFailed(const rocksdb::IOStatus& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const ErrorReason reason = status.IsNoSpace() ? ErrorReason::kDiskFull : ErrorReason::kInternal;
  return MakeError(reason, absl::StrCat(doing, " the anchor file: ", status.ToString()));
}

absl::StatusOr<std::string> ReadWhole(rocksdb::FileSystem& files, const std::string& path) {
  std::unique_ptr<rocksdb::FSRandomAccessFile> file;
  NEXUS_RETURN_IF_ERROR(
      ToStatus(files.NewRandomAccessFile(path, rocksdb::FileOptions(), &file, nullptr),
               "opening the anchor file"));
  std::string bytes(kAnchorSlots * kAnchorSlotBytes, '\0');
  rocksdb::Slice read;
  NEXUS_RETURN_IF_ERROR(
      ToStatus(file->Read(0, bytes.size(), rocksdb::IOOptions(), &read, bytes.data(), nullptr),
               "reading the anchor file"));
  return std::string(read.data(), read.size());
}

bool NeverWritten(absl::string_view slot) {
  return std::all_of(slot.begin(), slot.end(), [](char c) { return c == '\0'; });
}

absl::Status WriteWhole(rocksdb::FileSystem& files, const std::string& path,
                        const std::string& bytes) {
  const rocksdb::IOOptions io;
  std::unique_ptr<rocksdb::FSWritableFile> file;
  NEXUS_RETURN_IF_ERROR(
      AnchorFailed(files.NewWritableFile(path, rocksdb::FileOptions(), &file, nullptr), "making"));
  NEXUS_RETURN_IF_ERROR(AnchorFailed(file->Append(bytes, io, nullptr), "writing"));
  NEXUS_RETURN_IF_ERROR(AnchorFailed(file->Fsync(io, nullptr), "syncing"));
  return AnchorFailed(file->Close(io, nullptr), "closing");
}

}  // namespace

absl::StatusOr<AnchorSlots> AnchorFile::Read(rocksdb::FileSystem& files, const std::string& path) {
  const rocksdb::IOStatus exists = files.FileExists(path, rocksdb::IOOptions(), nullptr);
  if (exists.IsNotFound()) return AnchorSlots();
  NEXUS_ASSIGN_OR_RETURN(const std::string bytes, ReadWhole(files, path));
  AnchorSlots slots;
  for (size_t i = 0; i < kAnchorSlots; ++i) {
    const absl::string_view all = bytes;
    const absl::string_view slot =
        all.substr(std::min(all.size(), i * kAnchorSlotBytes), kAnchorSlotBytes);
    const std::optional<Anchor> anchor = DecodeAnchorSlot(slot);
    if (!anchor.has_value()) {
      slots.one_is_torn = slots.one_is_torn || !NeverWritten(slot);
    } else if (!slots.newest.has_value() || anchor->sequence > slots.newest->sequence) {
      slots.newest = anchor;
    }
  }
  if (slots.newest.has_value()) return slots;
  return MakeError(ErrorReason::kDataLoss, absl::StrCat("the anchor file '", path,
                                                        "' is damaged: neither of its two "
                                                        "slots can be read"));
}

absl::Status AnchorFile::Replace(rocksdb::FileSystem& files, const std::string& path,
                                 const Anchor& anchor) {
  const std::string fresh = absl::StrCat(path, ".new");
  std::string bytes(kAnchorSlots * kAnchorSlotBytes, '\0');
  bytes.replace((anchor.sequence % kAnchorSlots) * kAnchorSlotBytes, kAnchorSlotBytes,
                EncodeAnchorSlot(anchor));
  NEXUS_RETURN_IF_ERROR(WriteWhole(files, fresh, bytes));
  NEXUS_RETURN_IF_ERROR(
      AnchorFailed(files.RenameFile(fresh, path, rocksdb::IOOptions(), nullptr), "renaming"));
  return SyncFolder(files, path.substr(0, path.rfind('/')));
}

absl::StatusOr<std::unique_ptr<AnchorFile>> AnchorFile::Open(rocksdb::FileSystem& files,
                                                             const std::string& path) {
  std::unique_ptr<rocksdb::FSRandomRWFile> file;
  NEXUS_RETURN_IF_ERROR(
      AnchorFailed(files.NewRandomRWFile(path, rocksdb::FileOptions(), &file, nullptr), "opening"));
  return std::unique_ptr<AnchorFile>(new AnchorFile(std::move(file)));
}

absl::Status AnchorFile::Write(const Anchor& anchor) {
  const rocksdb::IOOptions io;
  const uint64_t offset = (anchor.sequence % kAnchorSlots) * kAnchorSlotBytes;
  NEXUS_RETURN_IF_ERROR(
      AnchorFailed(file_->Write(offset, EncodeAnchorSlot(anchor), io, nullptr), "writing"));
  return AnchorFailed(file_->Sync(io, nullptr), "syncing");
}

absl::Status SyncFolder(rocksdb::FileSystem& files, const std::string& folder) {
  const rocksdb::IOOptions io;
  std::unique_ptr<rocksdb::FSDirectory> directory;
  rocksdb::IOStatus synced = files.NewDirectory(folder, io, &directory, nullptr);
  if (synced.ok()) synced = directory->Fsync(io, nullptr);
  if (synced.ok()) return absl::OkStatus();
  return MakeError(ErrorReason::kInternal,
                   absl::StrCat("cannot sync the folder '", folder, "': ", synced.ToString()));
}

}  // namespace nexus::storage
