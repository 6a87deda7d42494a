#include "rpc/cost_convert.h"

namespace nexus::rpc {
namespace {

void FillRouteCost(const cost::RouteCost& route, admin::v1::RouteCost& out) {
  out.set_route(route.route);
  out.set_service(route.service);
  out.set_priced(route.priced);
  out.set_events(route.usage.events);
  out.set_bytes(route.usage.bytes);
  out.set_peak_events(route.usage.peak_events);
  out.set_peak_bytes(route.usage.peak_bytes);
  out.set_fixed_micros(route.fixed.micros);
  out.set_variable_micros(route.variable.micros);
}

}  // namespace

void FillBill(const cost::Bill& bill, admin::v1::CostBill& out) {
  out.set_service(bill.service);
  out.set_priced(bill.priced);
  out.set_note(bill.note);
  out.set_units(bill.units);
  out.set_events(bill.events);
  out.set_fixed_micros(bill.fixed.micros);
  out.set_variable_micros(bill.variable.micros);
  for (const cost::BillLine& line : bill.lines) {
    admin::v1::CostLine& row = *out.add_lines();
    row.set_item(line.item);
    row.set_what(line.what);
    row.set_fixed(line.fixed());
    row.set_price(line.price.text);
    row.set_source(line.price.source);
    row.set_checked(line.price.checked);
    row.set_amount_micros(line.amount.micros);
  }
}

void FillScenario(const cost::RoutedPeriod& period, const cost::Comparison& comparison,
                  admin::v1::CostScenario& out) {
  out.set_critical(period.critical);
  out.set_unrouted(period.unrouted);
  for (const cost::RouteCost& route : comparison.routes) FillRouteCost(route, *out.add_routes());
  for (const cost::Bill& bill : comparison.bills) FillBill(bill, *out.add_bills());
  out.set_actual_micros(comparison.actual.micros);
  FillBill(comparison.all_critical, *out.mutable_all_critical());
  for (const std::string& route : comparison.unpriced) out.add_unpriced(route);
  out.set_comparable(comparison.comparable());
  if (comparison.comparable()) {
    out.set_saving_now_micros(comparison.saving_now.micros);
    out.set_saving_resized_micros(comparison.saving_resized.micros);
  }
  out.set_verdict(comparison.Verdict());
}

}  // namespace nexus::rpc
