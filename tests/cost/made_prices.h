#pragma once

// Prices for tests: few, round, and changed by replacing a line.

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cost/bill.h"
#include "cost/prices/price_file.h"
#include "gtest/gtest.h"

namespace nexus::cost {

inline constexpr char kSmallPrices[] = R"(format: 1
as_of: 2026-11-27
region: us-east-1
currency: USD
services:
  stream:
    kind: kinesis-provisioned
    shard_hour: {price: 0.015, source: a page, checked: true}
    put_unit: {price: 0.014, per: 1000000, source: a page, checked: true}
    put_unit_bytes: 25600
    shard_events_per_second: 1000
    shard_bytes_per_second: 1048576
    shard_read_bytes_per_second: 2097152
  queue:
    kind: sns-sqs
    publish: {price: 0.50, per: 1000000, source: a page, checked: true}
    request: {price: 0.40, per: 1000000, source: a page, checked: false}
    chunk_bytes: 65536
  machines:
    kind: cluster
    node_hour: {price: 0.10, source: a page, checked: true}
    disk_gigabyte_month: {price: 0.08, source: a page, checked: true}
    cross_zone_gigabyte: {price: 0.01, source: a page, checked: true}
    operations_hour: {price: 0, source: a page, checked: true}
    nodes_min: 3
    node_events_per_second: 5000
    node_bytes_per_second: 10000000
    replicas: 3
    retention_hours: 73
    remote_consumers: 0.5
  hook:
    kind: unpriced
    why: nobody knows
sinks:
  kafka: stream
  jsonl: queue
  webhook: hook
)";

inline PriceList SmallPrices() {
  const auto prices = ParsePrices(kSmallPrices);
  EXPECT_TRUE(prices.ok()) << prices.status();
  return prices.value_or(PriceList());
}

inline PriceList ShippedPrices() {
  const auto prices = ParsePrices(ShippedPricesText());
  EXPECT_TRUE(prices.ok()) << prices.status();
  return prices.value_or(PriceList());
}

// 100 million events of 1 KiB in a month, 200 in the busiest second.
inline constexpr Workload kSmallLoad{100'000'000, 1'024, 200};

inline Bill BillFor(const PriceList& prices, const std::string& service, const Workload& load,
                    const Assumptions& assumptions = {}) {
  const auto bill =
      BillOf(*prices.Find(service), UsageOf(load, 1'000, PieceSizes(prices)), assumptions);
  EXPECT_TRUE(bill.ok()) << bill.status();
  return bill.value_or(Bill());
}

}  // namespace nexus::cost
