#pragma once

// Reads an import line by line and stores it in commits of so many lines each.
//
// The id of a commit is made of all bytes of the input up to its last line, and of the batch size:
// the same input imported again gives the same ids, so nothing is stored twice, and an input that
// has grown at its end stores only what is new (beyond a last batch that was not full).

#include <cstdint>
#include <functional>
#include <istream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/digest.h"
#include "cli/import_cursor.h"
#include "cli/import_line.h"
#include "nexus/client/schema.h"

namespace nexus::cli {

// Where an import goes: the server, or a fake.
class ImportTarget {
 public:
  virtual ~ImportTarget() = default;
  virtual absl::StatusOr<CommitReceipt> Append(const client::CommitDraft& draft) = 0;
  virtual absl::StatusOr<client::PolicyVerdict> Check(const client::CommitDraft& draft) = 0;
};

struct ImportOptions {
  ImportFormat format = ImportFormat::kJsonLines;
  uint64_t batch_size = 500;
  bool skip_errors = false;  // else the first one ends the import
  uint64_t line_bytes_max = 4 << 20;
};

// A line that was left out.
struct ImportProblem {
  uint64_t line = 0;  // from 1
  absl::Status status;
};

struct ImportReport {
  uint64_t lines = 0;
  uint64_t bytes = 0;
  uint64_t batches = 0;
  uint64_t stored = 0;    // events, those of repeated commits included
  uint64_t repeated = 0;  // events that were stored before
  uint64_t skipped = 0;   // events
  Position last;
};

class Importer {
 public:
  // Called after each commit, and for each line left out. `target` must outlive the importer.
  struct Observer {
    std::function<absl::Status(const ImportReport&, const std::string& prefix_digest)> on_progress;
    std::function<void(const ImportProblem&)> on_problem;
    std::function<bool()> should_stop;
  };

  Importer(ImportTarget& target, ImportOptions options, Observer observer);

  // Goes on after what `cursor` says is done. FAILED_PRECONDITION-like MALFORMED_REQUEST if `in`
  // does not begin with the input that the cursor is of.
  absl::Status Resume(std::istream& in, const ImportCursor& cursor);

  // Until the end of `in`, the first error, or a stop (kCancelled). What is in report() is stored.
  absl::Status Run(std::istream& in);

  const ImportReport& report() const { return report_; }

 private:
  struct Line {
    uint64_t number;
    ImportedEvent event;
  };

  absl::Status TakeLine(const std::string& line);
  absl::Status Flush();
  absl::Status Store(const client::CommitDraft& draft, size_t events);
  // Finds which events are refused by themselves, and stores the others under the same id.
  absl::Status StoreWithoutRefused(const absl::Status& why);
  absl::Status Skip(uint64_t line, const absl::Status& status);
  client::CommitDraft ToDraft(const std::vector<const Line*>& lines, const std::string& id) const;
  std::string CommitIdNow() const;

  ImportTarget& target_;
  const ImportOptions options_;
  const Observer observer_;
  Digest digest_;
  std::vector<Line> batch_;
  uint64_t lines_in_batch_ = 0;
  uint64_t lines_read_ = 0;
  uint64_t bytes_read_ = 0;
  ImportReport report_;
};

}  // namespace nexus::cli
