#include "storage/rocksdb/log_opening.h"

#include <rocksdb/env.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/planted_fault.h"
#include "nexus/core/status_macros.h"
#include "storage/rocksdb/log_inspection.h"

namespace nexus::storage {
namespace {

constexpr absl::string_view kRestore = "; restore the data folder from a backup";

rocksdb::FileSystem& FilesOf(const LogDatabaseOptions& database) {
  rocksdb::Env* env = database.env != nullptr ? database.env : rocksdb::Env::Default();
  return *env->GetFileSystem();
}

class Opener {
 public:
  Opener(const LogOpening& opening, std::shared_ptr<LogEvents> events)
      : opening_(opening), events_(std::move(events)), files_(FilesOf(opening.database)) {}

  absl::StatusOr<OpenedLog> Open() {
    NEXUS_ASSIGN_OR_RETURN(found_,
                           InspectLog(files_, opening_.anchor_path, opening_.database.path));
    if (IsPlanted(PlantedFault::kDefaultWalRecovery)) {
      found_.anchor.newest.reset();
      NEXUS_RETURN_IF_ERROR(OpenDatabase());
      return Finish(out_.recovered.meta.incarnation);
    }
    const absl::Status refusal = CheckBeforeOpening(found_);
    if (opening_.accepted_loss.has_value()) return OpenWithLoss(refusal);
    if (!refusal.ok()) return Advise(refusal);
    NEXUS_RETURN_IF_ERROR(LookBehindTornTail());
    NEXUS_RETURN_IF_ERROR(OpenDatabase());
    const absl::Status whole = CheckAgainstAnchor(found_, out_.recovered);
    if (!whole.ok()) return AdviseHead(whole, out_.recovered.tip.head);
    return Finish(out_.recovered.meta.incarnation);
  }

 private:
  RecoveryChecks Checks(bool may_begin) const {
    RecoveryChecks checks;
    checks.verify_positions_max = opening_.verify_positions_max;
    if (found_.anchor.newest.has_value()) checks.chain_at = found_.anchor.newest->head;
    checks.may_begin = may_begin;
    return checks;
  }

  // Recovery drops a torn end for good, so what the anchor says about it is asked before.
  absl::Status LookBehindTornTail() const {
    if (!found_.wals.torn() || !found_.files.current) return absl::OkStatus();
    const absl::StatusOr<RecoveredLog> left = ProbeLog(opening_.database, Checks(false));
    // Not even begun, or damaged: opening it says which.
    if (!left.ok()) return absl::OkStatus();
    const absl::Status whole = CheckAgainstAnchor(found_, *left);
    return whole.ok() ? whole : AdviseHead(whole, left->tip.head);
  }

  absl::Status OpenDatabase() {
    LogDatabaseOptions with = opening_.database;
    with.may_create = !found_.anchor.newest.has_value();
    absl::StatusOr<std::unique_ptr<LogDatabase>> opened = LogDatabase::Open(with, events_);
    // The scan has shown that nothing acknowledged stands behind what RocksDB complains about.
    if (!opened.ok() && ReasonOf(opened.status()) == ErrorReason::kDataLoss && found_.wals.torn()) {
      with.point_in_time = true;
      opened = LogDatabase::Open(with, events_);
    }
    if (!opened.ok()) return WithRestore(opened.status());
    return Recover(*std::move(opened), with.may_create);
  }

  absl::Status Recover(std::unique_ptr<LogDatabase> database, bool may_begin) {
    absl::StatusOr<RecoveredLog> recovered = RecoverLog(*database, Checks(may_begin));
    if (!recovered.ok()) return WithRestore(recovered.status());
    out_.database = std::move(database);
    out_.recovered = *std::move(recovered);
    return absl::OkStatus();
  }

  // What is left is looked at first: the wrong position must not cost what is there.
  absl::StatusOr<OpenedLog> OpenWithLoss(absl::Status refusal) {
    const bool gone = found_.files.empty();
    RecoveredLog left;
    if (!gone) {
      absl::StatusOr<RecoveredLog> probed = ProbeLog(opening_.database, Checks(false));
      if (!probed.ok()) return WithRestore(probed.status());
      left = *std::move(probed);
    }
    if (refusal.ok()) refusal = CheckAgainstAnchor(found_, left);
    if (refusal.ok()) {
      return MakeError(
          ErrorReason::kConfigurationInvalid,
          absl::StrCat("no loss is to be accepted: the log ends at position ", left.tip.head.value,
                       " as it should; start without --accept-data-loss"));
    }
    if (left.tip.head != *opening_.accepted_loss) {
      return AdviseHead(MakeError(ErrorReason::kDataLoss,
                                  absl::StrCat(std::string(refusal.message()),
                                               "; the loss of everything after position ",
                                               opening_.accepted_loss->value,
                                               " was accepted, but that is not where it ends")),
                        left.tip.head);
    }
    LogDatabaseOptions with = opening_.database;
    with.may_create = gone;
    with.point_in_time = !gone;
    absl::StatusOr<std::unique_ptr<LogDatabase>> opened = LogDatabase::Open(with, events_);
    if (!opened.ok()) return WithRestore(opened.status());
    NEXUS_RETURN_IF_ERROR(Recover(*std::move(opened), gone));
    NEXUS_RETURN_IF_ERROR(RecordLoss(refusal));
    return Finish(out_.recovered.meta.incarnation);
  }

  absl::Status RecordLoss(const absl::Status& refusal) {
    RecoveredLog& log = out_.recovered;
    const Anchor known = found_.anchor.newest.value_or(Anchor());
    log.meta.incarnation = std::max(log.meta.incarnation, known.incarnation) + 1;
    log.loss = AcceptedLoss{log.meta.incarnation, std::max(known.head, log.tip.head), log.tip.head,
                            opening_.now, std::string(refusal.message())};
    rocksdb::WriteBatch batch;
    LogDatabase& database = *out_.database;
    // A batch in memory does not fail.
    batch.Put(database.meta(), ToSlice(kMetaKey), EncodeMeta(log.meta)).PermitUncheckedError();
    batch.Put(database.meta(), ToSlice(kLossKey), EncodeLoss(*log.loss)).PermitUncheckedError();
    rocksdb::WriteOptions synced;
    synced.sync = true;
    return ToStatus(database.db().Write(synced, &batch), "recording the accepted loss");
  }

  absl::StatusOr<OpenedLog> Finish(uint64_t incarnation) {
    NEXUS_RETURN_IF_ERROR(RemoveTornWal());
    out_.torn_tail = found_.wals.torn();
    out_.torn_anchor = found_.anchor.one_is_torn;
    Anchor& anchor = out_.anchor;
    const bool exists = found_.anchor.newest.has_value();
    if (exists) anchor.sequence = found_.anchor.newest->sequence + 1;
    anchor.incarnation = incarnation;
    anchor.head = out_.recovered.tip.head;
    anchor.chain = out_.recovered.chain;
    NEXUS_ASSIGN_OR_RETURN(anchor.wal, out_.database->NewestWal());
    NEXUS_RETURN_IF_ERROR(out_.database->SyncFolder());
    if (!exists) {
      NEXUS_RETURN_IF_ERROR(AnchorFile::Replace(files_, opening_.anchor_path, anchor));
    }
    NEXUS_ASSIGN_OR_RETURN(out_.anchor_file, AnchorFile::Open(files_, opening_.anchor_path));
    if (exists) NEXUS_RETURN_IF_ERROR(out_.anchor_file->Write(anchor));
    return std::move(out_);
  }

  // RocksDB is done with it. Were it still there after a power cut, behind it new records: it would
  // look like damage. It goes for good before anything is written.
  absl::Status RemoveTornWal() {
    const std::optional<WalPlace> end = found_.wals.bad ? found_.wals.bad : found_.wals.hole;
    if (!end.has_value()) return absl::OkStatus();
    NEXUS_ASSIGN_OR_RETURN(const uint64_t newest, out_.database->NewestWal());
    for (const uint64_t number : found_.files.wals) {
      if (number < end->file || number >= newest) continue;
      const rocksdb::IOStatus removed =
          files_.DeleteFile(WalPath(opening_.database.path, number), rocksdb::IOOptions(), nullptr);
      if (removed.ok() || removed.IsNotFound() || removed.IsPathNotFound()) continue;
      return ToStatus(removed, "removing a write-ahead log that was recovered");
    }
    return absl::OkStatus();
  }

  static absl::Status WithRestore(const absl::Status& status) {
    if (ReasonOf(status) != ErrorReason::kDataLoss) return status;
    return MakeError(ErrorReason::kDataLoss, absl::StrCat(std::string(status.message()), kRestore));
  }

  // Names what can be accepted, if anything can.
  absl::Status Advise(const absl::Status& refusal) const {
    if (found_.files.empty()) return AdviseHead(refusal, Position(0));
    const absl::StatusOr<RecoveredLog> left = ProbeLog(opening_.database, Checks(false));
    if (left.ok()) return AdviseHead(refusal, left->tip.head);
    return WithRestore(
        MakeError(ErrorReason::kDataLoss,
                  absl::StrCat(std::string(refusal.message()), "; the rest (",
                               std::string(left.status().message()), ") is of no use")));
  }

  static absl::Status AdviseHead(const absl::Status& refusal, Position head) {
    return MakeError(ErrorReason::kDataLoss,
                     absl::StrCat(std::string(refusal.message()), kRestore,
                                  ", or give up everything after position ", head.value,
                                  " with nexusd --accept-data-loss=", head.value));
  }

  const LogOpening& opening_;
  const std::shared_ptr<LogEvents> events_;
  rocksdb::FileSystem& files_;
  LogInspection found_;
  OpenedLog out_;
};

}  // namespace

absl::StatusOr<OpenedLog> OpenLog(const LogOpening& opening, std::shared_ptr<LogEvents> events) {
  return Opener(opening, std::move(events)).Open();
}

}  // namespace nexus::storage
