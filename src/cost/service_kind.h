#pragma once

// The kinds of services whose bill is known how to make, and what a price file says of each.
// docs/reference/price-file.md has the same lists (a test compares them).

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::cost {

enum class ServiceKind {
  kKinesisProvisioned,
  kKinesisOnDemand,
  kSnsSqs,
  kPubSub,
  kEventHubs,
  kCluster,   // of own machines: Kafka, RabbitMQ, NATS
  kFiles,     // on an own machine
  kUnpriced,  // said to have no price
};

struct NumberField {
  absl::string_view name;
  uint64_t min = 0;
  uint64_t max = 0;
  bool share = false;  // 0 to 1 in the file, in millionths here
};

struct KindFields {
  ServiceKind kind;
  absl::string_view name;
  std::vector<absl::string_view> prices;
  std::vector<NumberField> numbers;
};

const std::vector<KindFields>& AllKinds();
const KindFields& FieldsOf(ServiceKind kind);
// "kinesis-provisioned" and so on.
std::optional<ServiceKind> ParseServiceKind(absl::string_view name);

}  // namespace nexus::cost
