#include "cli/cost_text.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/json.h"

namespace nexus::cli {
namespace {

using cost::CentsText;
using cost::ExactText;

std::string LineJson(const ShownBill::Line& line) {
  JsonObject json;
  json.Text("item", line.item).Text("what", line.what).Bool("fixed", line.fixed);
  json.Text("price", line.price).Text("source", line.source).Bool("checked", line.checked);
  return json.Text("amount", ExactText(line.amount)).Take();
}

void AddSum(Listing& listing, const ShownBill& bill) {
  const cost::Money amortised = cost::PerMillion(bill.total(), bill.events);
  const cost::Money marginal = cost::PerMillion(bill.variable, bill.events);
  listing.Add(
      [&]() -> std::vector<std::string> {
        if (!bill.priced) return {bill.service, "UNPRICED", bill.note, "", "?"};
        const std::string each = bill.events == 0
                                     ? "no events"
                                     : absl::StrCat(ExactText(amortised), " a million events, ",
                                                    ExactText(marginal), " a million more");
        return {bill.service, "total", each, "", CentsText(bill.total())};
      },
      [] { return std::string(); });
}

}  // namespace

ShownBill Shown(const cost::Bill& bill) {
  ShownBill shown;
  shown.service = bill.service;
  shown.priced = bill.priced;
  shown.note = bill.note;
  shown.units = bill.units;
  shown.events = bill.events;
  shown.fixed = bill.fixed;
  shown.variable = bill.variable;
  for (const cost::BillLine& line : bill.lines) {
    shown.lines.push_back({line.item, line.what, line.price.text, line.price.source,
                           line.price.checked, line.fixed(), line.amount});
  }
  return shown;
}

std::string BillJson(const ShownBill& bill) {
  std::vector<std::string> lines;
  for (const ShownBill::Line& line : bill.lines) lines.push_back(LineJson(line));
  JsonObject json;
  json.Text("service", bill.service).Bool("priced", bill.priced).Text("note", bill.note);
  json.Number("units", bill.units).Number("events", bill.events);
  if (bill.priced) {
    json.Text("fixed", ExactText(bill.fixed)).Text("variable", ExactText(bill.variable));
    json.Text("total", ExactText(bill.total()));
    json.Text("amortised_per_million", ExactText(cost::PerMillion(bill.total(), bill.events)));
    json.Text("marginal_per_million", ExactText(cost::PerMillion(bill.variable, bill.events)));
  }
  return json.Raw("lines", JsonArray(lines)).Take();
}

void PrintBills(std::ostream& out, OutputStyle style, const std::vector<ShownBill>& bills) {
  Listing listing(out, style, {"SERVICE", "ITEM", "FOR", "PRICE", "AMOUNT"});
  for (const ShownBill& bill : bills) {
    for (const ShownBill::Line& line : bill.lines) {
      listing.Add(
          [&]() -> std::vector<std::string> {
            return {bill.service, line.item, line.what,
                    absl::StrCat(line.price, line.checked ? "" : " *"), CentsText(line.amount)};
          },
          [] { return std::string(); });
    }
    AddSum(listing, bill);
    if (!bill.note.empty() && bill.priced) {
      listing.Add(
          [&]() -> std::vector<std::string> {
            return {bill.service, "NOTE", bill.note, "", ""};
          },
          [] { return std::string(); });
    }
  }
  listing.End();
}

std::string UncheckedText(const std::vector<ShownBill>& bills) {
  std::set<std::pair<std::string, std::string>> unchecked;
  for (const ShownBill& bill : bills) {
    for (const ShownBill::Line& line : bill.lines) {
      // A service may be shown twice, with what stands for its name behind it.
      const std::string service = bill.service.substr(0, bill.service.find(' '));
      if (!line.checked) unchecked.emplace(service, line.item);
    }
  }
  if (unchecked.empty()) return "";
  return absl::StrCat(unchecked.size(), unchecked.size() == 1 ? " price is" : " prices are",
                      " believed, not checked: those with a star");
}

}  // namespace nexus::cli
