#include "cost/bill.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cost {
namespace {

constexpr uint64_t kSecondsPerHour = 3'600;
constexpr uint64_t kSecondsPerMonth = 730 * kSecondsPerHour;
constexpr uint64_t kGigabyte = 1 << 30;
constexpr uint64_t kTebibyte = 1ULL << 40;

// Beyond any log, and small enough that no sum or product of counts below wraps.
constexpr uint64_t kEventsMax = 1'000'000'000'000'000;
constexpr uint64_t kBytesMax = 1'000'000'000'000'000'000;

absl::Status CheckBounded(const Usage& usage) {
  const bool pieces = std::all_of(usage.pieces.begin(), usage.pieces.end(),
                                  [](const auto& one) { return one.second <= kBytesMax; });
  if (pieces && usage.events <= kEventsMax && usage.bytes <= kBytesMax &&
      usage.peak_events <= kEventsMax && usage.peak_bytes <= kBytesMax) {
    return absl::OkStatus();
  }
  return MakeError(ErrorReason::kLimitExceeded,
                   absl::StrCat("at most ", GroupedText(kEventsMax), " events and ",
                                GroupedText(kBytesMax), " bytes can be priced"));
}

uint64_t UnitsFor(uint64_t peak, uint64_t capacity) { return ScaledUp(peak, 1, capacity); }

std::string HoursText(uint64_t seconds) {
  const uint64_t hundredths = seconds * 100 / kSecondsPerHour;
  std::string text = GroupedText(hundredths / 100);
  if (hundredths % 100 != 0) {
    absl::StrAppend(&text, ".", absl::Dec(hundredths % 100, absl::kZeroPad2));
  }
  return text + " h";
}

std::string SizeText(uint64_t bytes) {
  if (bytes >= 1'024 && bytes % 1'024 == 0) return absl::StrCat(bytes / 1'024, " KiB");
  return absl::StrCat(bytes, " bytes");
}

std::string GigabytesText(uint64_t bytes) {
  return absl::StrCat(GroupedText(bytes / kGigabyte), " GiB");
}

// Makes one bill. What went wrong first stays.
class Writer {
 public:
  Writer(const PricedService& service, const Usage& usage, const Assumptions& assumptions)
      : service_(service),
        assumed_(assumptions),
        sent_(WithDuplicates(usage, assumptions.duplicate_millionths)) {
    bill_.service = service.name;
    bill_.events = usage.events;
  }

  absl::StatusOr<Bill> Write() {
    NEXUS_RETURN_IF_ERROR(CheckBounded(sent_));
    switch (service_.kind) {
      case ServiceKind::kKinesisProvisioned:
        Provisioned();
        break;
      case ServiceKind::kKinesisOnDemand:
        OnDemand();
        break;
      case ServiceKind::kSnsSqs:
        SnsSqs();
        break;
      case ServiceKind::kPubSub:
        PubSub();
        break;
      case ServiceKind::kEventHubs:
        EventHubs();
        break;
      case ServiceKind::kCluster:
        Cluster();
        break;
      case ServiceKind::kFiles:
        Files();
        break;
      case ServiceKind::kUnpriced:
        bill_.priced = false;
        bill_.note = service_.comment;
        break;
    }
    NEXUS_RETURN_IF_ERROR(status_);
    return std::move(bill_);
  }

 private:
  uint64_t number(absl::string_view field) const { return service_.number(field); }

  BillLine& Line(absl::string_view item, Driver driver, std::string what,
                 const Quantity& quantity) {
    BillLine line;
    line.item = std::string(item);
    line.driver = driver;
    line.what = std::move(what);
    line.price = service_.price(item);
    const absl::StatusOr<Money> amount = AmountOf(line.price.rate, quantity);
    if (amount.ok()) {
      line.amount = *amount;
    } else if (status_.ok()) {
      status_ = amount.status();
    }
    (line.fixed() ? bill_.fixed : bill_.variable) += line.amount;
    bill_.lines.push_back(std::move(line));
    return bill_.lines.back();
  }

  void Hours(absl::string_view item, uint64_t units, absl::string_view name) {
    Quantity hours(units);
    hours.Times(assumed_.seconds).Over(kSecondsPerHour);
    Line(item, Driver::kTime,
         absl::StrCat(GroupedText(units), " ", name, units == 1 ? "" : "s", ", ",
                      HoursText(assumed_.seconds)),
         hours);
  }

  void Pieces(absl::string_view item, uint64_t size) {
    const auto found = sent_.pieces.find(size);
    const uint64_t count = found == sent_.pieces.end() ? 0 : found->second;
    Line(item, Driver::kPieces, absl::StrCat(GroupedText(count), " of ", SizeText(size)),
         Quantity(count))
        .piece_bytes = size;
  }

  void Provisioned() {
    const uint64_t read = ScaledUp(sent_.peak_bytes, assumed_.consumers, 1);
    bill_.units =
        std::max({uint64_t{1}, UnitsFor(sent_.peak_events, number("shard_events_per_second")),
                  UnitsFor(sent_.peak_bytes, number("shard_bytes_per_second")),
                  UnitsFor(read, number("shard_read_bytes_per_second"))});
    Hours("shard_hour", bill_.units, "shard");
    Pieces("put_unit", number("put_unit_bytes"));
  }

  // Bytes are those of records rounded up: the pieces times their size.
  void OnDemand() {
    Hours("stream_hour", assumed_.streams, "stream");
    const uint64_t size = number("record_rounding_bytes");
    const auto found = sent_.pieces.find(size);
    const uint64_t pieces = found == sent_.pieces.end() ? 0 : found->second;
    const uint64_t bytes = ScaledUp(pieces, size, 1);
    Line("gigabyte_in", Driver::kPieces,
         absl::StrCat(GigabytesText(bytes), ", records rounded up to ", SizeText(size)),
         Quantity(pieces).Times(size).Over(kGigabyte))
        .piece_bytes = size;
    Line("gigabyte_out", Driver::kPieces,
         absl::StrCat(GigabytesText(bytes), " to each of ", assumed_.consumers),
         Quantity(pieces).Times(size).Times(assumed_.consumers).Over(kGigabyte))
        .piece_bytes = size;
  }

  // A receive brings a batch, or as many pieces as its bytes are; a delete has no payload.
  void SnsSqs() {
    const uint64_t chunk = number("chunk_bytes");
    Pieces("publish", chunk);
    const uint64_t batches = UnitsFor(sent_.events, assumed_.batch);
    const uint64_t receives = std::max(batches, UnitsFor(sent_.bytes, chunk));
    Line("request", Driver::kEvents,
         absl::StrCat(GroupedText(receives), " receives and ", GroupedText(batches),
                      " deletes of each of ", assumed_.consumers),
         Quantity(receives + batches).Times(assumed_.consumers));
  }

  void PubSub() {
    const uint64_t overhead = ScaledUp(sent_.events, number("message_overhead_bytes"), 1);
    const uint64_t least =
        ScaledUp(UnitsFor(sent_.events, assumed_.batch), number("request_bytes_min"), 1);
    const uint64_t bytes = std::max(sent_.bytes + overhead, least);
    Line("tebibyte", Driver::kBytes, absl::StrCat(GigabytesText(bytes), " published"),
         Quantity(bytes).Over(kTebibyte));
    Line("tebibyte", Driver::kBytes,
         absl::StrCat(GigabytesText(bytes), " delivered to each of ", assumed_.consumers),
         Quantity(bytes).Times(assumed_.consumers).Over(kTebibyte));
  }

  void EventHubs() {
    const uint64_t read_events = ScaledUp(sent_.peak_events, assumed_.consumers, 1);
    const uint64_t read_bytes = ScaledUp(sent_.peak_bytes, assumed_.consumers, 1);
    bill_.units =
        std::max({uint64_t{1}, UnitsFor(sent_.peak_events, number("unit_events_per_second")),
                  UnitsFor(sent_.peak_bytes, number("unit_bytes_per_second")),
                  UnitsFor(read_events, number("unit_read_events_per_second")),
                  UnitsFor(read_bytes, number("unit_read_bytes_per_second"))});
    const uint64_t most = number("units_max");
    if (bill_.units > most) {
      bill_.note = absl::StrCat("it has at most ", most, " throughput units, and the peak needs ",
                                bill_.units, ": it cannot take this");
    }
    Hours("unit_hour", bill_.units, "throughput unit");
    Pieces("ingress_event", number("event_bytes"));
  }

  uint64_t Compressed() const {
    return ScaledUp(sent_.bytes, assumed_.compressed_millionths, kMillionths);
  }

  // What lies there on average: the mean rate times the retention.
  void Disk(uint64_t copies) {
    const uint64_t bytes = Compressed();
    const uint64_t retention = number("retention_hours");
    Line("disk_gigabyte_month", Driver::kBytes,
         absl::StrCat(GigabytesText(bytes), " kept for ", retention, " h in ", copies,
                      copies == 1 ? " copy" : " copies"),
         Quantity(bytes)
             .Times(copies)
             .Times(retention * kSecondsPerHour)
             .Over(kGigabyte)
             .Over(kSecondsPerMonth));
  }

  void Cluster() {
    // A peak is compressed like everything else.
    const uint64_t peak_bytes =
        ScaledUp(sent_.peak_bytes, assumed_.compressed_millionths, kMillionths);
    bill_.units = std::max({number("nodes_min"),
                            UnitsFor(sent_.peak_events, number("node_events_per_second")),
                            UnitsFor(peak_bytes, number("node_bytes_per_second"))});
    Hours("node_hour", bill_.units, "node");
    if (service_.price("operations_hour").rate.pico != 0) {
      Hours("operations_hour", 1, "cluster");
    }
    const uint64_t replicas = number("replicas");
    Disk(replicas);
    const uint64_t bytes = Compressed();
    const uint64_t crossings =
        (replicas - 1) * kMillionths + assumed_.consumers * number("remote_consumers");
    Line("cross_zone_gigabyte", Driver::kBytes,
         absl::StrCat(GigabytesText(ScaledUp(bytes, crossings, kMillionths)),
                      " between zones, out and in"),
         Quantity(bytes).Times(crossings).Times(2).Over(kMillionths).Over(kGigabyte));
  }

  void Files() {
    Hours("machine_hour", 1, "machine");
    Disk(number("copies"));
  }

  const PricedService& service_;
  const Assumptions& assumed_;
  const Usage sent_;
  Bill bill_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<Bill> BillOf(const PricedService& service, const Usage& usage,
                            const Assumptions& assumptions) {
  return Writer(service, usage, assumptions).Write();
}

}  // namespace nexus::cost
