#include "route/reconcile/comparer.h"

#include <algorithm>
#include <array>
#include <limits>
#include <tuple>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/str_cat.h"

namespace nexus::route {
namespace {

constexpr std::array<absl::string_view, kFindingKinds> kNames = {"missing", "reordered", "moved",
                                                                 "foreign", "duplicate"};

std::string NumberText(absl::string_view place, int32_t partition, int64_t number) {
  if (partition < 0) return absl::StrCat(place, "/", number);
  return absl::StrCat(place, "/", partition, "/", number);
}

}  // namespace

absl::string_view FindingName(FindingKind kind) { return kNames[static_cast<size_t>(kind)]; }

void Comparer::AddDelivery(absl::string_view place, const EgressRow& row) {
  deliveries_.push_back({row.position, row.number, row.partition, place == options_.place, false});
}

void Comparer::SortDeliveries() {
  std::sort(deliveries_.begin(), deliveries_.end(),
            [](const Delivery& a, const Delivery& b) { return a.position < b.position; });
}

bool Comparer::HasDelivery(Position position) const {
  const auto at =
      std::lower_bound(deliveries_.begin(), deliveries_.end(), position,
                       [](const Delivery& delivery, Position p) { return delivery.position < p; });
  return at != deliveries_.end() && at->position == position;
}

std::map<int32_t, int64_t> Comparer::LowestNumbers() const {
  std::map<int32_t, int64_t> lowest;
  for (const Delivery& one : deliveries_) {
    if (!one.here || one.number < 0) continue;
    int64_t& number = lowest.try_emplace(one.partition, one.number).first->second;
    number = std::min(number, one.number);
  }
  return lowest;
}

void Comparer::Expect(const ExpectedEvent& event) {
  Event row;
  row.position = event.position;
  row.revision = event.revision;
  row.id = event.id;
  row.stream = absl::HashOf(event.stream);
  row.expectation = event.expectation;
  events_.push_back(row);
}

void Comparer::Seal(std::vector<BrokerPart> parts) {
  parts_ = std::move(parts);
  for (const BrokerPart& part : parts_) {
    // The first number of JetStream is 1.
    if (part.first > (part.partition < 0 ? 1 : 0)) expires_ = true;
  }
  for (const Delivery& one : deliveries_) {
    Event* event = Find(one.position);
    if (event != nullptr && event->rows < std::numeric_limits<uint16_t>::max()) ++event->rows;
  }
  std::sort(deliveries_.begin(), deliveries_.end(), [](const Delivery& a, const Delivery& b) {
    return std::tie(a.here, a.partition, a.number) < std::tie(b.here, b.partition, b.number);
  });
  report_.events = events_.size();
}

Comparer::Event* Comparer::Find(Position position) {
  const auto at =
      std::lower_bound(events_.begin(), events_.end(), position,
                       [](const Event& event, Position p) { return event.position < p; });
  return at == events_.end() || at->position != position ? nullptr : &*at;
}

const BrokerPart* Comparer::PartOf(int32_t partition) const {
  for (const BrokerPart& part : parts_) {
    if (part.partition == partition) return &part;
  }
  return nullptr;
}

std::string Comparer::At(const BrokerRecord& record) const {
  return NumberText(options_.place, record.partition, record.number);
}

void Comparer::Add(FindingKind kind, Position position, const std::string& text) {
  uint64_t& count = report_.counts[static_cast<size_t>(kind)];
  if (++count > options_.examples_max) return;
  report_.examples.push_back({kind, position, text});
}

void Comparer::Meet(const BrokerRecord& record) {
  ++report_.records;
  MeetAt(record);
  const Position position = record.position;
  if (record.id.IsNil() || position.value == 0) {
    return Add(FindingKind::kForeign, Position(0),
               absl::StrCat("the record at ", At(record), " says of no event that it is it"));
  }
  if (position > options_.head) {
    return Add(FindingKind::kForeign, position,
               absl::StrCat("the record at ", At(record), " says that it is position ",
                            position.value, ", and the log ends at ", options_.head.value));
  }
  if (position < options_.from || position > options_.to) {
    ++report_.outside;
    return;
  }
  Event* event = Find(position);
  if (event == nullptr) {
    ++report_.unmatched;
    return;
  }
  if (event->id != record.id) {
    return Add(
        FindingKind::kForeign, position,
        absl::StrCat("the record at ", At(record), " says that it is position ", position.value,
                     " with the id ", record.id.ToString(), ", which is not that of the log"));
  }
  if (event->copies++ == 0) return MeetFirst(*event, record);
  Add(FindingKind::kDuplicate, position,
      absl::StrCat("position ", position.value, " is at ", At(record), " once more"));
}

// What the ledger says of this place.
void Comparer::MeetAt(const BrokerRecord& record) {
  const std::tuple<bool, int32_t, int64_t> key(true, record.partition, record.number);
  auto at = std::lower_bound(deliveries_.begin(), deliveries_.end(), key,
                             [](const Delivery& delivery, const auto& wanted) {
                               return std::tie(delivery.here, delivery.partition, delivery.number) <
                                      wanted;
                             });
  for (;
       at != deliveries_.end() && at->partition == record.partition && at->number == record.number;
       ++at) {
    at->met = true;
    const Event* event = Find(at->position);
    if (event == nullptr || event->id == record.id) continue;
    Add(FindingKind::kMoved, at->position,
        absl::StrCat("the ledger has position ", at->position.value, " at ", At(record),
                     ", where the broker has ",
                     record.id.IsNil() ? "a record without an event"
                                       : absl::StrCat("event ", record.id.ToString())));
  }
}

void Comparer::MeetFirst(Event& event, const BrokerRecord& record) {
  const auto [at, is_new] =
      streams_.try_emplace(event.stream, Stream{event.revision, record.partition});
  Stream& stream = at->second;
  if (is_new) return;
  // One that was a dead letter comes when it comes; partitions have no order among each other.
  if (event.expectation == Expectation::kGivenUp || stream.partition != record.partition) {
    ++report_.order_unknown;
    return;
  }
  if (event.revision < stream.latest) {
    return Add(FindingKind::kReordered, event.position,
               absl::StrCat("revision ", event.revision.value, " of ", record.stream, " is at ",
                            At(record), ", after revision ", stream.latest.value));
  }
  stream.latest = event.revision;
}

void Comparer::JudgeDelivery(const Delivery& delivery) {
  Event* event = Find(delivery.position);
  if (event == nullptr) return;
  if (!delivery.here) {
    event->lies |= kElsewhere;
    return;
  }
  const BrokerPart* part = PartOf(delivery.partition);
  if (part != nullptr && delivery.number >= 0 && delivery.number < part->first) {
    event->lies |= kExpired;
    return;
  }
  if (delivery.number >= 0) event->lies |= kHere;
  if (delivery.met || delivery.number < 0 || event->copies == 0) return;
  Add(FindingKind::kMoved, delivery.position,
      absl::StrCat("the ledger has position ", delivery.position.value, " at ",
                   NumberText(options_.place, delivery.partition, delivery.number),
                   ", where the broker has nothing"));
}

void Comparer::JudgeEvent(const Event& event) {
  if (event.copies > 0) {
    ++report_.found;
    const uint32_t known = std::min<uint32_t>(event.copies, event.rows);
    if (known > 1) report_.duplicates_known += known - 1;
    return;
  }
  // What the ledger has was delivered, whatever became of it before.
  const Expectation expectation = event.rows == 0 ? event.expectation : Expectation::kDue;
  switch (expectation) {
    case Expectation::kPending:
      ++report_.pending;
      return;
    case Expectation::kHeldBack:
      ++report_.held_back;
      return;
    case Expectation::kGivenUp:
      ++report_.given_up;
      return;
    case Expectation::kUnknown:
      ++report_.unknown;
      return;
    case Expectation::kDue:
      break;
  }
  if ((event.lies & kHere) == 0) {
    if ((event.lies & kElsewhere) != 0) {
      ++report_.elsewhere;
      return;
    }
    if ((event.lies & kExpired) != 0 || expires_) {
      ++report_.expired;
      return;
    }
  }
  Add(FindingKind::kMissing, event.position,
      absl::StrCat("position ", event.position.value, ", revision ", event.revision.value,
                   ", event ", event.id.ToString(), " is not there",
                   event.rows > 0 ? ", and the ledger says that it was delivered" : ""));
}

ReconcileReport Comparer::Finish() {
  for (const Delivery& delivery : deliveries_) JudgeDelivery(delivery);
  for (const Event& event : events_) JudgeEvent(event);
  return std::move(report_);
}

}  // namespace nexus::route
