#include "cli/importer.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

// The event itself is at fault, not the server or the network.
bool IsRefusal(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

absl::Status OtherInput() {
  return MakeError(ErrorReason::kMalformedRequest,
                   "the cursor is of another input, format or batch size; remove it to begin anew");
}

absl::Status Verdict(const absl::StatusOr<client::PolicyVerdict>& verdict) {
  if (!verdict.ok()) return verdict.status();
  if (verdict->allowed) return absl::OkStatus();
  ErrorDetails details;
  details.reason = ErrorReason::kPolicyDenied;
  details.denials = verdict->denials;
  return MakeError("a policy denies it", details);
}

}  // namespace

Importer::Importer(ImportTarget& target, ImportOptions options, Observer observer)
    : target_(target), options_(options), observer_(std::move(observer)) {}

absl::Status Importer::Resume(std::istream& in, const ImportCursor& cursor) {
  if (cursor.batch_size != options_.batch_size) return OtherInput();
  std::string buffer(64 << 10, '\0');
  uint64_t left = cursor.bytes;
  while (left > 0) {
    in.read(buffer.data(), static_cast<std::streamsize>(std::min<uint64_t>(left, buffer.size())));
    const auto got = static_cast<size_t>(in.gcount());
    if (got == 0) return OtherInput();
    digest_.Add(absl::string_view(buffer.data(), got));
    left -= got;
  }
  if (absl::BytesToHexString(digest_.Value()) != cursor.prefix_digest) return OtherInput();
  lines_read_ = report_.lines = cursor.lines;
  bytes_read_ = report_.bytes = cursor.bytes;
  report_.batches = cursor.batches;
  report_.stored = cursor.stored;
  report_.skipped = cursor.skipped;
  return absl::OkStatus();
}

absl::Status Importer::Run(std::istream& in) {
  std::string line;
  while (std::getline(in, line)) {
    ++lines_read_;
    bytes_read_ += line.size() + (in.eof() ? 0 : 1);
    digest_.Add(line);
    if (!in.eof()) digest_.Add("\n");
    NEXUS_RETURN_IF_ERROR(TakeLine(line));
    if (++lines_in_batch_ < options_.batch_size) continue;
    NEXUS_RETURN_IF_ERROR(Flush());
  }
  if (in.bad()) return MakeError(ErrorReason::kInternal, "the input cannot be read");
  return lines_in_batch_ > 0 ? Flush() : absl::OkStatus();
}

absl::Status Importer::TakeLine(const std::string& line) {
  if (absl::StripAsciiWhitespace(line).empty()) return absl::OkStatus();
  if (line.size() > options_.line_bytes_max) {
    return Skip(lines_read_, MakeError(ErrorReason::kLimitExceeded, "the line is too long"));
  }
  absl::StatusOr<ImportedEvent> event = ParseImportLine(options_.format, line);
  if (!event.ok()) return Skip(lines_read_, event.status());
  batch_.push_back({lines_read_, *std::move(event)});
  return absl::OkStatus();
}

absl::Status Importer::Skip(uint64_t line, const absl::Status& status) {
  observer_.on_problem({line, status});
  if (!options_.skip_errors) return status;
  ++report_.skipped;
  return absl::OkStatus();
}

absl::Status Importer::Flush() {
  if (observer_.should_stop()) return MakeError(ErrorReason::kCancelled, "interrupted");
  if (!batch_.empty()) {
    std::vector<const Line*> lines;
    for (const Line& line : batch_) lines.push_back(&line);
    const absl::Status status = Store(ToDraft(lines, CommitIdNow()), lines.size());
    if (!status.ok()) {
      if (!IsRefusal(status)) return status;
      NEXUS_RETURN_IF_ERROR(StoreWithoutRefused(status));
    }
  }
  batch_.clear();
  lines_in_batch_ = 0;
  ++report_.batches;
  report_.lines = lines_read_;
  report_.bytes = bytes_read_;
  return observer_.on_progress(report_, absl::BytesToHexString(digest_.Value()));
}

absl::Status Importer::Store(const client::CommitDraft& draft, size_t events) {
  NEXUS_ASSIGN_OR_RETURN(const CommitReceipt receipt, target_.Append(draft));
  report_.stored += events;
  if (receipt.repeated) report_.repeated += events;
  report_.last = receipt.last;
  return absl::OkStatus();
}

absl::Status Importer::StoreWithoutRefused(const absl::Status& why) {
  std::vector<const Line*> good;
  for (const Line& line : batch_) {
    const absl::Status verdict = Verdict(target_.Check(ToDraft({&line}, "")));
    if (verdict.ok()) {
      good.push_back(&line);
    } else if (!IsRefusal(verdict)) {
      return verdict;
    } else {
      NEXUS_RETURN_IF_ERROR(Skip(line.number, verdict));
    }
  }
  // Each is fine by itself: then it is the commit as a whole, such as an id that is stored with
  // other content because events were left out of it that would pass today.
  absl::Status status = why;
  if (good.size() < batch_.size()) {
    if (good.empty()) return absl::OkStatus();
    status = Store(ToDraft(good, CommitIdNow()), good.size());
    if (status.ok() || !IsRefusal(status)) return status;
  }
  for (const Line* line : good) NEXUS_RETURN_IF_ERROR(Skip(line->number, status));
  return absl::OkStatus();
}

client::CommitDraft Importer::ToDraft(const std::vector<const Line*>& lines,
                                      const std::string& id) const {
  client::CommitDraft draft;
  draft.commit_id = id;
  absl::flat_hash_map<std::string, size_t> index;
  for (const Line* line : lines) {
    const auto [at, fresh] = index.emplace(line->event.stream, draft.streams.size());
    if (fresh) draft.streams.push_back({line->event.stream, ExpectedRevision::Any(), {}});
    draft.streams[at->second].events.push_back(line->event.event);
  }
  return draft;
}

std::string Importer::CommitIdNow() const {
  Digest digest(digest_);
  digest.Add(absl::StrCat("\nnexusctl import ", static_cast<int>(options_.format), " ",
                          options_.batch_size, " ", report_.batches));
  return FormatUuid(UuidOf(digest.Value()));
}

}  // namespace nexus::cli
