#include "cost/service_kind.h"

#include <algorithm>

#include "cost/money.h"

namespace nexus::cost {
namespace {

constexpr uint64_t kRateMax = 1'000'000'000'000;  // of events or bytes a second
constexpr uint64_t kPieceMax = 1 << 30;
constexpr uint64_t kPaddingMax = 1'000;
constexpr uint64_t kHoursMax = 100 * 8'784;
constexpr uint64_t kUnitsMax = 1'000'000;
constexpr uint64_t kCopiesMax = 100;

std::vector<KindFields> MakeKinds() {
  using enum ServiceKind;
  return {
      {kKinesisProvisioned,
       "kinesis-provisioned",
       {"shard_hour", "put_unit"},
       {{"put_unit_bytes", 1, kPieceMax},
        {"shard_events_per_second", 1, kRateMax},
        {"shard_bytes_per_second", 1, kRateMax},
        {"shard_read_bytes_per_second", 1, kRateMax}}},
      {kKinesisOnDemand,
       "kinesis-on-demand",
       {"stream_hour", "gigabyte_in", "gigabyte_out"},
       {{"record_rounding_bytes", 1, kPieceMax}}},
      {kSnsSqs, "sns-sqs", {"publish", "request"}, {{"chunk_bytes", 1, kPieceMax}}},
      {kPubSub,
       "pubsub",
       {"tebibyte"},
       {{"request_bytes_min", 0, kPaddingMax}, {"message_overhead_bytes", 0, kPaddingMax}}},
      {kEventHubs,
       "event-hubs",
       {"unit_hour", "ingress_event"},
       {{"event_bytes", 1, kPieceMax},
        {"unit_events_per_second", 1, kRateMax},
        {"unit_bytes_per_second", 1, kRateMax},
        {"unit_read_events_per_second", 1, kRateMax},
        {"unit_read_bytes_per_second", 1, kRateMax},
        {"units_max", 1, kUnitsMax}}},
      {kCluster,
       "cluster",
       {"node_hour", "disk_gigabyte_month", "cross_zone_gigabyte", "operations_hour"},
       {{"nodes_min", 1, kUnitsMax},
        {"node_events_per_second", 1, kRateMax},
        {"node_bytes_per_second", 1, kRateMax},
        {"replicas", 1, kCopiesMax},
        {"retention_hours", 0, kHoursMax},
        {"remote_consumers", 0, kMillionths, true}}},
      {kFiles,
       "files",
       {"machine_hour", "disk_gigabyte_month"},
       {{"copies", 1, kCopiesMax}, {"retention_hours", 0, kHoursMax}}},
      {kUnpriced, "unpriced", {}, {}},
  };
}

}  // namespace

const std::vector<KindFields>& AllKinds() {
  static const std::vector<KindFields>& kinds = *new std::vector<KindFields>(MakeKinds());
  return kinds;
}

const KindFields& FieldsOf(ServiceKind kind) {
  return *std::find_if(AllKinds().begin(), AllKinds().end(),
                       [kind](const KindFields& one) { return one.kind == kind; });
}

std::optional<ServiceKind> ParseServiceKind(absl::string_view name) {
  for (const KindFields& one : AllKinds()) {
    if (one.name == name) return one.kind;
  }
  return std::nullopt;
}

}  // namespace nexus::cost
