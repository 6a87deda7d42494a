#include "route/reconcile/reconciliation.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/route_match.h"
#include "route/router.h"

namespace nexus::route {
namespace {

constexpr absl::Duration kAskBroker = absl::Seconds(10);
constexpr absl::Duration kStep = absl::Milliseconds(200);
// Rows of the ledger for each position: more than so many deliveries again are a mistake.
constexpr size_t kRowsMax = 4 * kReconcilePositionsMax;
// Records before the first that the ledger has: a delivery whose acknowledgement was lost lies
// before the one that is known.
constexpr int64_t kMargin = 20'000;

}  // namespace

Reconciliation::Reconciliation(const ReconcileParts& parts, RouteRecord route, ReconcileRange range,
                               std::unique_ptr<BrokerReader> broker)
    : parts_(parts),
      route_(std::move(route)),
      broker_(std::move(broker)),
      deadline_(parts.clock.Monotonic() + range.limit),
      range_(range) {}

absl::Status Reconciliation::Advance() {
  if (parts_.clock.Monotonic() > deadline_) {
    return MakeError(
        ErrorReason::kDeadlineExceeded,
        absl::StrCat("the comparison took longer than it may; the log was read up to ",
                     reached_.value, " of ", range_.to.value, ": ask for a smaller range"));
  }
  switch (phase_) {
    case Phase::kBegin:
      return Begin();
    case Phase::kLog:
      return ReadLog();
    case Phase::kBroker:
      return ReadBroker();
    case Phase::kDone:
      break;
  }
  return absl::OkStatus();
}

absl::Status Reconciliation::Begin() {
  NEXUS_RETURN_IF_ERROR(FixRange());
  const std::string reader = absl::StrCat("route/", RunOf(route_));
  NEXUS_ASSIGN_OR_RETURN(const std::optional<Position> saved, parts_.checkpoints.Load(reader));
  checkpoint_ = saved.value_or(Position(0));
  const uint64_t kept = parts_.ledger.positions_kept();
  const Position kept_from(checkpoint_.value > kept ? checkpoint_.value - kept : 0);
  due_.emplace(route_, checkpoint_, kept_from);
  NEXUS_RETURN_IF_ERROR(due_->Load(parts_.reader, parts_.json));
  // In this order: what the broker has now was in the log before.
  NEXUS_ASSIGN_OR_RETURN(held_, broker_->Parts(kAskBroker));
  comparer_.emplace(Comparer::Options{.place = std::string(broker_->Place()),
                                      .from = range_.from,
                                      .to = range_.to,
                                      .head = parts_.reader.Head()});
  NEXUS_RETURN_IF_ERROR(ReadLedger());
  reached_ = Position(range_.from.value - 1);
  phase_ = Phase::kLog;
  return absl::OkStatus();
}

absl::Status Reconciliation::FixRange() {
  const Position head = parts_.reader.Head();
  if (range_.to.value == 0) range_.to = head;
  if (range_.to > head) {
    return MakeError(ErrorReason::kPositionBeyondHead,
                     absl::StrCat("the log ends at ", head.value, ", before ", range_.to.value));
  }
  if (range_.from.value == 0) {
    range_.from = Position(range_.to.value - std::min(range_.to.value, kReconcilePositionsMax) + 1);
  }
  if (range_.from.value > range_.to.value + 1) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("the range ends at ", range_.to.value, ", before it begins at ",
                                  range_.from.value));
  }
  if (range_.to.value - range_.from.value + 1 > kReconcilePositionsMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("a range of more than ", kReconcilePositionsMax, " positions"));
  }
  return absl::OkStatus();
}

absl::Status Reconciliation::ReadLedger() {
  const std::string reader = absl::StrCat("route/", RunOf(route_));
  NEXUS_RETURN_IF_ERROR(parts_.ledger.Scan(reader, range_.from, range_.to,
                                           [&](absl::string_view place, const EgressRow& row) {
                                             if (comparer_->deliveries() <= kRowsMax)
                                               comparer_->AddDelivery(place, row);
                                           }));
  if (comparer_->deliveries() > kRowsMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("more than ", kRowsMax, " deliveries: ask for a smaller range"));
  }
  comparer_->SortDeliveries();
  return absl::OkStatus();
}

absl::Status Reconciliation::ReadLog() {
  if (reached_ < range_.to) {
    NEXUS_ASSIGN_OR_RETURN(
        const EventBatch page,
        parts_.reader.ReadAll(reached_.Next(), Direction::kForward, PageLimits()));
    for (const RecordedEvent& event : page.events) {
      if (event.position > range_.to) break;
      reached_ = event.position;
      // Held on to while its rules are looked at.
      const ClassificationPtr rules = parts_.classifications.At(event.position);
      const bool matched =
          Matches(route_.declaration.match, event, Judge(rules->rules, event).path);
      if (!matched && !comparer_->HasDelivery(event.position)) continue;
      comparer_->Expect({event.position, event.revision, event.id, event.stream, due_->Of(event)});
    }
    if (reached_ < range_.to) return absl::OkStatus();
  }
  comparer_->Seal(held_);
  NEXUS_RETURN_IF_ERROR(broker_->Begin(PartsToRead()));
  phase_ = Phase::kBroker;
  return absl::OkStatus();
}

// All of a partition, or from where the ledger has the first on.
std::vector<BrokerPart> Reconciliation::PartsToRead() const {
  const std::map<int32_t, int64_t> lowest = comparer_->LowestNumbers();
  std::vector<BrokerPart> parts = held_;
  if (range_.from.value <= 1 || lowest.empty()) return parts;
  for (BrokerPart& part : parts) {
    const auto found = lowest.find(part.partition);
    part.first = found == lowest.end() ? part.end
                                       : std::clamp(found->second - kMargin, part.first, part.end);
  }
  std::erase_if(parts, [](const BrokerPart& part) { return part.first == part.end; });
  return parts;
}

absl::Status Reconciliation::ReadBroker() {
  NEXUS_ASSIGN_OR_RETURN(const bool all, broker_->Read(kStep, [this](const BrokerRecord& record) {
    comparer_->Meet(record);
  }));
  if (!all) return absl::OkStatus();
  report_ = comparer_->Finish();
  phase_ = Phase::kDone;
  return absl::OkStatus();
}

}  // namespace nexus::route
