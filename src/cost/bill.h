#pragma once

// What a service would write on its bill for what goes through it: the pure model.
// docs/explanation/cost.md states the formulas.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cost/money.h"
#include "cost/price_list.h"
#include "cost/usage.h"

namespace nexus::cost {

// What makes a line grow.
enum class Driver {
  kTime,  // fixed: it is there without an event
  kEvents,
  kBytes,
  kPieces,
};

struct BillLine {
  std::string item;  // the price's name in the price file
  std::string what;  // "10 shards, 730 h"
  Driver driver = Driver::kTime;
  uint64_t piece_bytes = 0;  // of kPieces
  Price price;
  Money amount;

  bool fixed() const { return driver == Driver::kTime; }
};

struct Bill {
  std::string service;
  // False: nobody knows what it costs, which is not nothing. Then `note` says why, and there are no
  // lines.
  bool priced = true;
  std::string note;     // what a reader must know
  uint64_t units = 0;   // shards, nodes, throughput units; 0: it has none
  uint64_t events = 0;  // that are delivered, without what is sent again
  std::vector<BillLine> lines;
  Money fixed;
  Money variable;

  Money total() const { return fixed + variable; }
  // Of a million events: with the fixed part spread over them, and what one million more costs.
  Money amortised_per_million() const { return PerMillion(total(), events); }
  Money marginal_per_million() const { return PerMillion(variable, events); }
};

// LIMIT_EXCEEDED if an amount is beyond kAmountMax. The usage has the piece sizes of the service.
absl::StatusOr<Bill> BillOf(const PricedService& service, const Usage& usage,
                            const Assumptions& assumptions);

}  // namespace nexus::cost
