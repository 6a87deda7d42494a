#include "storage/rocksdb/log_audit.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/rocksdb/key_codec.h"
#include "storage/rocksdb/record_audit.h"
#include "storage/rocksdb/rocks_status.h"

namespace nexus::storage {

// Some records, seen as of one moment.
class LogAudit::Step {
 public:
  explicit Step(LogAudit& audit)
      : audit_(audit),
        state_(audit.state_),
        database_(audit.database_),
        snapshot_(&database_.db()),
        options_(OptionsOf(snapshot_)),
        rows_(database_, options_, [this](std::string what) { audit_.Found(std::move(what)); }),
        it_(database_.db().NewIterator(options_, database_.commits())) {}

  // True once everything up to the head of this moment was read.
  bool Run(uint64_t bytes_max) {
    StoredTip tip;
    if (!ReadTip(tip)) return true;
    audit_.head_ = tip.tip.head;
    it_->Seek(EncodePosition(state_.next));
    for (uint64_t bytes = 0; bytes < bytes_max && state_.next <= tip.tip.head;) {
      if (!it_->Valid()) {
        SkipUnreadable(tip.tip.head);
        continue;
      }
      bytes += it_->key().size() + it_->value().size();
      CheckRecord();
    }
    if (state_.next <= tip.tip.head) return false;
    if (state_.chain_known && state_.chain != tip.chain) {
      audit_.Found(absl::StrCat("the records up to position ", tip.tip.head.value,
                                " are not those that were written: their chain is another one"));
    }
    return true;
  }

 private:
  static rocksdb::ReadOptions OptionsOf(rocksdb::ManagedSnapshot& snapshot) {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot.snapshot();
    options.fill_cache = false;
    options.total_order_seek = true;
    return options;
  }

  bool ReadTip(StoredTip& tip) {
    std::string row;
    const rocksdb::Status got =
        database_.db().Get(options_, database_.meta(), ToSlice(kTipKey), &row);
    const absl::StatusOr<StoredTip> stored =
        got.ok() ? DecodeTip(row) : ToStatus(got, "reading the tip row");
    if (stored.ok()) tip = *stored;
    if (!stored.ok()) audit_.Found(std::string(stored.status().message()));
    return stored.ok();
  }

  void CheckRecord() {
    const absl::StatusOr<Position> key = DecodePosition(ToView(it_->key()));
    const absl::StatusOr<RecordView> record =
        key.ok() ? ParseRecord(*key, ToView(it_->value())) : key.status();
    if (!record.ok()) {
      audit_.Found(absl::StrCat("at position ", state_.next.value, ": ",
                                std::string(record.status().message())));
      // Where it would have ended is told by the next one.
      return Leave();
    }
    if (record->first != state_.next && !lost_) Missing(record->first);
    lost_ = false;
    rows_.Check(*record);
    ++audit_.commits_;
    state_.chain = ChainAfter(state_.chain, LinkOf(record->first, ToView(it_->value())));
    state_.next = record->last().Next();
    it_->Next();
  }

  void Leave() {
    it_->Next();
    lost_ = true;
    state_.chain_known = false;
    state_.next = it_->Valid() ? DecodePosition(ToView(it_->key())).value_or(state_.next.Next())
                               : state_.next.Next();
  }

  void Missing(Position first) {
    state_.chain_known = false;
    audit_.Found(
        absl::StrCat("positions ", state_.next.value, " to ", first.value - 1, " are missing"));
  }

  // Behind a block that cannot be read there may be others.
  void SkipUnreadable(Position head) {
    const rocksdb::Status why = it_->status();
    const Position from = state_.next;
    Position to = from;
    for (uint64_t step = 1; !it_->Valid() && to <= head; step *= 2) {
      to = Position(from.value + step);
      it_->Seek(EncodePosition(to));
    }
    state_.chain_known = false;
    state_.next = it_->Valid() ? DecodePosition(ToView(it_->key())).value_or(to) : head.Next();
    lost_ = true;
    audit_.Found(absl::StrCat(
        "positions ", from.value, " to ", state_.next.value - 1,
        why.ok() ? " are missing" : " cannot be read: ", why.ok() ? "" : why.ToString()));
  }

  LogAudit& audit_;
  AuditState& state_;
  LogDatabase& database_;
  rocksdb::ManagedSnapshot snapshot_;
  const rocksdb::ReadOptions options_;
  RecordAudit rows_;
  const std::unique_ptr<rocksdb::Iterator> it_;
  bool lost_ = false;  // `next` is where reading goes on, not where a record has to begin
};

void LogAudit::Found(std::string what) {
  ++state_.errors;
  if (findings_.size() < kFindingsMax) findings_.push_back(std::move(what));
}

VerifyProgress LogAudit::Advance() {
  if (!records_done_) {
    records_done_ = Step(*this).Run(step_bytes_);
  } else if (!rows_done_) {
    rows_done_ = AdvanceRows();
  } else if (!done_) {
    if (tables_ == nullptr) {
      tables_ = std::make_unique<TableAudit>(database_,
                                             [this](std::string what) { Found(std::move(what)); });
    }
    done_ = tables_->Advance(step_bytes_);
  }
  return Report();
}

bool LogAudit::AdvanceRows() {
  if (rows_ == nullptr) {
    // Who has not read every record does not know how many there are.
    const bool counted = from_beginning_ && state_.chain_known;
    rows_ = std::make_unique<RowAudit>(database_, Position(state_.next.value - 1),
                                       counted ? std::make_optional(commits_) : std::nullopt,
                                       [this](std::string what) { Found(std::move(what)); });
  }
  return rows_->Advance(step_bytes_);
}

VerifyProgress LogAudit::Report() const {
  VerifyProgress progress;
  progress.position = Position(state_.next.value - 1);
  progress.head = head_;
  progress.errors = state_.errors;
  progress.findings = findings_;
  progress.done = done_;
  return progress;
}

}  // namespace nexus::storage
