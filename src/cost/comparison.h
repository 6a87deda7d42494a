#pragma once

// What is paid as events are routed, against what it would be if all went to the critical sink.
//
// Pure. Values; thread-safe as such.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cost/bill.h"
#include "cost/price_list.h"
#include "cost/usage.h"

namespace nexus::cost {

// A route's part of the bill of the service that its sink is billed as.
struct RouteCost {
  std::string route;
  std::string service;  // empty: there is none in the price list for its sink
  Usage usage;
  bool priced = false;
  Money fixed;  // by its part of the service's events
  Money variable;

  Money total() const { return fixed + variable; }
};

struct Comparison {
  std::vector<RouteCost> routes;  // by name
  std::vector<Bill> bills;        // by service, those that routes are billed as
  Money actual;                   // of what is priced
  Bill all_critical;              // everything once, sized for the peak of all
  // Sinks without a price: what is known is not all, so that nothing is said about savings.
  std::vector<std::string> unpriced;
  // The sizes stay as they are: only what grows with events. Negative: it costs more.
  Money saving_now;
  // Every sink sized for its own peak.
  Money saving_resized;

  bool comparable() const { return unpriced.empty() && all_critical.priced; }
  // What came of it, in a sentence.
  std::string Verdict() const;
};

struct RoutedUsage {
  struct Route {
    std::string name;
    std::string service;
    Usage usage;
  };
  std::vector<Route> routes;
  std::map<std::string, Usage> services;  // of all its routes together
  Usage all;                              // each event once that any route takes
};

// `critical_service` must be in the list. LIMIT_EXCEEDED as BillOf().
absl::StatusOr<Comparison> Compare(const PriceList& prices, const RoutedUsage& usage,
                                   const std::string& critical_service,
                                   const Assumptions& assumptions);

}  // namespace nexus::cost
