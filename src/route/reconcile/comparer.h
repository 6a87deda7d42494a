#pragma once

// Compares what a broker holds with what the log says that it should. Pure: it is fed, in this
// order, with the rows of the ledger, the events of the log, Seal(), and the records of the broker.
//
// Keeps about 100 bytes for an event of the range, whatever the broker holds. Not thread-safe.

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "nexus/port/broker_reader.h"
#include "nexus/port/egress_ledger.h"
#include "route/reconcile/reconcile_report.h"

namespace nexus::route {

// What is to be said of an event that the broker does not have.
enum class Expectation : uint8_t { kDue, kPending, kHeldBack, kGivenUp, kUnknown };

struct ExpectedEvent {
  Position position;
  Revision revision;
  EventId id;
  absl::string_view stream;
  Expectation expectation = Expectation::kDue;
};

class Comparer {
 public:
  struct Options {
    std::string place;  // of the broker
    Position from;      // the range, both included
    Position to;
    Position head;            // of the log when the broker was looked at
    size_t examples_max = 5;  // of a kind
  };

  explicit Comparer(Options options) : options_(std::move(options)) {}

  // A row of the ledger, of a position of the range. In any order.
  void AddDelivery(absl::string_view place, const EgressRow& row);
  // Ends the rows.
  void SortDeliveries();
  // Of these: whether the ledger has the position.
  bool HasDelivery(Position position) const;
  size_t deliveries() const { return deliveries_.size(); }
  // The lowest number that the ledger has, by partition.
  std::map<int32_t, int64_t> LowestNumbers() const;

  // An event that the route matches or the ledger has, by position.
  void Expect(const ExpectedEvent& event);
  // Ends the events. `parts` is what the broker holds in all, whether it is read or not.
  void Seal(std::vector<BrokerPart> parts);

  // A record; by number within a partition.
  void Meet(const BrokerRecord& record);

  // Once, at the end.
  ReconcileReport Finish();

  const ReconcileReport& so_far() const { return report_; }

 private:
  static constexpr uint8_t kExpired = 1;
  static constexpr uint8_t kElsewhere = 2;
  static constexpr uint8_t kHere = 4;

  struct Event {
    Position position;
    Revision revision;
    EventId id;
    uint64_t stream = 0;  // its digest
    uint32_t copies = 0;
    uint16_t rows = 0;  // of the ledger
    uint8_t lies = 0;   // where those say
    Expectation expectation = Expectation::kDue;
  };
  struct Delivery {
    Position position;
    int64_t number = -1;
    int32_t partition = -1;
    bool here = true;  // not in another topic
    bool met = false;
  };
  struct Stream {
    Revision latest;
    int32_t partition = -1;
  };

  Event* Find(Position position);
  void MeetAt(const BrokerRecord& record);
  void MeetFirst(Event& event, const BrokerRecord& record);
  void JudgeDelivery(const Delivery& delivery);
  void JudgeEvent(const Event& event);
  const BrokerPart* PartOf(int32_t partition) const;
  std::string At(const BrokerRecord& record) const;
  void Add(FindingKind kind, Position position, const std::string& text);

  const Options options_;
  std::vector<Event> events_;         // by position
  std::vector<Delivery> deliveries_;  // by position, after Seal() by partition and number
  std::vector<BrokerPart> parts_;
  bool expires_ = false;  // the broker has removed something
  absl::flat_hash_map<uint64_t, Stream> streams_;
  ReconcileReport report_;
};

}  // namespace nexus::route
