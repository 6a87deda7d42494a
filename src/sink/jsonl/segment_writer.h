#pragma once

// Lines in numbered files: <folder>/<name>-000001.jsonl and so on. A file is left for the next when
// it is full. What Append() has answered with OK is on disk.
//
// Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::sink {

class SegmentWriter {
 public:
  struct Options {
    std::string folder;
    std::string name;
    uint64_t segment_bytes_max = 128 << 20;  // a file may pass it by one Append()
  };

  // Makes the folder if it is not there and continues the newest file. A last line that a crash has
  // torn is cut off: it was never acknowledged. kUnavailable, with what the system says, if that
  // cannot be done.
  static absl::StatusOr<std::unique_ptr<SegmentWriter>> Open(Options options);

  ~SegmentWriter();
  SegmentWriter(const SegmentWriter&) = delete;
  SegmentWriter& operator=(const SegmentWriter&) = delete;

  // Writes and syncs `lines`, which end with a newline. kUnavailable if that failed: then none of
  // them counts, and what got into the file is cut off again. After a failed sync the file is not
  // trusted any more and the next one is begun. Where in the file they begin, in bytes.
  absl::StatusOr<uint64_t> Append(absl::string_view lines);

  // Of the file in use.
  std::string path() const;
  std::string name() const;

 private:
  explicit SegmentWriter(Options options) : options_(std::move(options)) {}

  absl::Status OpenFile(uint64_t number);
  absl::Status CutTornLine();
  absl::Status SyncFolder() const;
  bool CutTo(uint64_t size);
  void Abandon();
  void Close();

  const Options options_;
  uint64_t number_ = 0;
  int fd_ = -1;
  uint64_t size_ = 0;  // synced
};

}  // namespace nexus::sink
