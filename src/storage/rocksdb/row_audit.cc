#include "storage/rocksdb/row_audit.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "storage/rocksdb/key_codec.h"

namespace nexus::storage {
namespace {

constexpr size_t kNumberBytes = 8;
constexpr size_t kEventIdKeyBytes = 24;

std::string Hex(absl::string_view bytes) { return absl::BytesToHexString(bytes); }

}  // namespace

// Some rows, seen as of one moment.
class RowAudit::Look {
 public:
  explicit Look(RowAudit& audit)
      : audit_(audit), database_(audit.database_), snapshot_(&database_.db()) {
    options_.snapshot = snapshot_.snapshot();
    options_.fill_cache = false;
    options_.total_order_seek = true;
    records_.reset(database_.db().NewIterator(options_, database_.commits()));
  }

  // True once there are no more.
  bool Run(uint64_t bytes_max) {
    const bool events = audit_.phase_ == Phase::kEvents;
    const std::unique_ptr<rocksdb::Iterator> it(database_.db().NewIterator(
        options_, events ? database_.event_ids() : database_.commit_ids()));
    uint64_t bytes = 0;
    for (it->Seek(audit_.next_); it->Valid(); it->Next()) {
      audit_.next_ = it->key().ToString();
      if (bytes >= bytes_max) return false;
      // A look at a record costs about a block.
      bytes += it->key().size() + it->value().size() + looked_up_;
      looked_up_ = 0;
      if (events) {
        CheckEventRow(audit_.next_, ToView(it->value()));
      } else {
        CheckCommitRow(audit_.next_, ToView(it->value()));
      }
    }
    if (!it->status().ok()) {
      audit_.found_(absl::StrCat("the rows of ids cannot be read: ", it->status().ToString()));
    }
    if (events) EndStream();
    return true;
  }

 private:
  void CheckCommitRow(const std::string& key, absl::string_view value) {
    const absl::StatusOr<Position> at = DecodePosition(value);
    if (!at.ok()) {
      audit_.found_(absl::StrCat("the commit id row ", Hex(key), " is damaged"));
      return;
    }
    const bool counts = audit_.phase_ == Phase::kCountCommits && *at <= audit_.last_;
    if (counts) {
      ++audit_.counted_;
    } else if (!StandsBehind(key, *at)) {
      audit_.found_(absl::StrCat("the commit id row ", Hex(key), " points at position ", at->value,
                                 ", where there is no such commit"));
    }
  }

  // True as well if the record cannot be read.
  bool StandsBehind(const std::string& key, Position at) {
    const absl::StatusOr<std::optional<RecordView>> record = RecordOf(at);
    if (!record.ok()) return true;
    if (!record->has_value()) return at <= audit_.last_;
    const RecordView& there = **record;
    if (there.last() < at) return at <= audit_.last_;
    return there.first == at && EncodeCommitIdKey(there.tenant, there.id) == key;
  }

  // The last record that begins at or before `at`; its views are valid until the next call.
  absl::StatusOr<std::optional<RecordView>> RecordOf(Position at) {
    records_->SeekForPrev(EncodePosition(at));
    if (!records_->Valid()) {
      if (records_->status().ok()) return std::optional<RecordView>();
      return absl::DataLossError(records_->status().ToString());
    }
    looked_up_ += records_->value().size();
    const absl::StatusOr<Position> key = DecodePosition(ToView(records_->key()));
    if (!key.ok()) return key.status();
    const absl::StatusOr<RecordView> record = ParseRecord(*key, ToView(records_->value()));
    if (!record.ok()) return record.status();
    return std::make_optional(*record);
  }

  void CheckEventRow(const std::string& key, absl::string_view value) {
    const absl::StatusOr<Position> number =
        DecodePosition(absl::string_view(key).substr(0, kNumberBytes));
    const absl::StatusOr<Revision> revision = DecodeRevision(value);
    if (key.size() != kEventIdKeyBytes || !number.ok() || !revision.ok()) {
      audit_.found_(absl::StrCat("the event id row ", Hex(key), " is damaged"));
      return;
    }
    if (!audit_.stream_ || audit_.stream_->number != *number) BeginStream(*number);
    Stream& stream = *audit_.stream_;
    if (stream.key.empty()) return;
    if (revision->value >= stream.head.sorted_count && *revision <= stream.head.last_revision) {
      ++stream.rows;
      return;
    }
    // What came after the head was read has a row as well.
    const std::optional<log::StreamHead> now = HeadOf(stream.key);
    const bool newer =
        now && *revision > stream.head.last_revision && *revision <= now->last_revision;
    if (newer || !now) return;
    audit_.found_(absl::StrCat("the event id row ", Hex(key), " is of revision ", revision->value,
                               ", which has none"));
  }

  void BeginStream(Position number) {
    EndStream();
    audit_.stream_ = Stream{number, "", {}, 0};
    const absl::StatusOr<std::optional<RecordView>> record = RecordOf(number);
    if (!record.ok()) return;
    if (!record->has_value() || (*record)->last() < number) {
      if (number > audit_.last_) NoStream(number);
      return;
    }
    EventSelection selection;
    selection.low = selection.high = number.value;
    selection.without_lists = true;
    const absl::StatusOr<std::vector<RecordedEvent>> event = DecodeEvents(**record, selection);
    if (!event.ok() || event->size() != 1) return;
    if (event->front().revision.value != 0) return NoStream(number);
    std::string key = EncodeStreamKey((*record)->tenant, event->front().stream);
    const std::optional<log::StreamHead> head = HeadOf(key);
    if (!head) return;
    audit_.stream_->key = std::move(key);
    audit_.stream_->head = *head;
  }

  void NoStream(Position number) {
    audit_.found_(absl::StrCat("there are event id rows of a stream that begins at position ",
                               number.value, ", where none begins"));
  }

  void EndStream() {
    if (audit_.stream_ && !audit_.stream_->key.empty() &&
        audit_.stream_->rows > audit_.stream_->expected()) {
      audit_.found_(absl::StrCat("the stream '",
                                 DecodeStreamName(audit_.stream_->key).value_or("?"), "' has ",
                                 audit_.stream_->rows, " event id rows for ",
                                 audit_.stream_->expected(), " events that need one"));
    }
    audit_.stream_.reset();
  }

  std::optional<log::StreamHead> HeadOf(const std::string& key) {
    std::string row;
    if (!database_.db().Get(options_, database_.streams(), key, &row).ok()) return std::nullopt;
    const absl::StatusOr<log::StreamHead> head = DecodeStreamHead(row);
    if (!head.ok()) return std::nullopt;
    return *head;
  }

  RowAudit& audit_;
  LogDatabase& database_;
  rocksdb::ManagedSnapshot snapshot_;
  rocksdb::ReadOptions options_;
  std::unique_ptr<rocksdb::Iterator> records_;
  uint64_t looked_up_ = 0;  // bytes of records, since the last row
};

bool RowAudit::Advance(uint64_t bytes) {
  if (phase_ != Phase::kDone && Look(*this).Run(bytes)) EndPhase();
  return phase_ == Phase::kDone;
}

void RowAudit::EndPhase() {
  next_.clear();
  if (phase_ == Phase::kCountCommits && counted_ > *commits_) {
    phase_ = Phase::kFindCommits;  // which they are
  } else {
    phase_ = phase_ == Phase::kEvents ? Phase::kDone : Phase::kEvents;
  }
}

}  // namespace nexus::storage
