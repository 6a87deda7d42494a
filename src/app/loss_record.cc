#include "app/loss_record.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "nexus/core/json_text.h"
#include "stamp/server_stamp.h"

namespace nexus::app {
namespace {

// One commit for each incarnation, whoever asks and how often.
CommitId LossCommitId(uint64_t incarnation) {
  constexpr absl::string_view kMark = "nxloss";
  CommitId id;
  for (size_t i = 0; i < kMark.size(); ++i) id.bytes[i] = static_cast<uint8_t>(kMark[i]);
  id.bytes[6] = 0x80;  // version 8, RFC 9562: ours
  id.bytes[8] = 0x80;
  for (size_t i = 9; i < id.bytes.size(); ++i) {
    id.bytes[i] = static_cast<uint8_t>(incarnation >> (8 * (15 - i)));
  }
  return id;
}

std::string LossData(const storage::AcceptedLoss& loss) {
  std::string data =
      absl::StrCat("{\"incarnation\":", loss.incarnation, ",\"before\":", loss.before.value,
                   ",\"after\":", loss.after.value, ",\"reason\":");
  AppendJsonString(data, loss.reason);
  data += '}';
  return data;
}

}  // namespace

Commit LossCommit(const storage::AcceptedLoss& loss) {
  Commit commit;
  commit.id = LossCommitId(loss.incarnation);
  commit.stamp.principal = "$operator";
  commit.streams.push_back({StreamName::Literal(kSystemStream), ExpectedRevision::Any()});
  commit.proposed = loss.accepted;
  Event event;
  event.id = DeriveEventId(commit.id, 0);
  event.type = std::string(kLossType);
  event.content_type = std::string(kJsonContentType);
  event.data = LossData(loss);
  commit.events.push_back({0, std::move(event)});
  stamp::CompleteStamp(commit);
  return commit;
}

absl::Status RecordAcceptedLoss(LogBackend& log, const storage::AcceptedLoss& loss) {
  absl::Notification answered;
  absl::Status status;
  log.Propose(LossCommit(loss), [&](absl::StatusOr<CommitReceipt> receipt) {
    status = receipt.status();
    answered.Notify();
  });
  answered.WaitForNotification();
  return status;
}

}  // namespace nexus::app
