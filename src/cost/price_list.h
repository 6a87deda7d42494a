#pragma once

// What services cost, at a date and in a region. docs/reference/price-file.md.
//
// Values; thread-safe as such.

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "absl/container/btree_map.h"
#include "absl/strings/string_view.h"
#include "cost/money.h"
#include "cost/service_kind.h"

namespace nexus::cost {

struct Price {
  Rate rate;
  std::string text;    // of the rate, as it was written: "0.014 per 1000000"
  std::string source;  // who says so
  bool checked = false;
};

// Has every price and number of its kind.
struct PricedService {
  std::string name;
  ServiceKind kind = ServiceKind::kUnpriced;
  std::string comment;  // of one without a price: why
  absl::btree_map<std::string, Price> prices;
  absl::btree_map<std::string, uint64_t> numbers;

  const Price& price(absl::string_view field) const { return prices.find(field)->second; }
  uint64_t number(absl::string_view field) const { return numbers.find(field)->second; }
};

struct PriceList {
  std::string as_of;  // 2026-11-27
  std::string region;
  std::string currency;  // USD
  absl::btree_map<std::string, PricedService> services;
  // What a sink of a kind is billed as, unless somebody says otherwise.
  absl::btree_map<std::string, std::string> sinks;

  // nullptr: there is none.
  const PricedService* Find(absl::string_view service) const {
    const auto found = services.find(service);
    return found == services.end() ? nullptr : &found->second;
  }
};

// By whose sizes the services round.
std::set<uint64_t> PieceSizes(const PriceList& prices);

}  // namespace nexus::cost
