#pragma once

// Bills as rows for people and as JSON, wherever they come from.

#include <ostream>
#include <string>
#include <vector>

#include "cli/output.h"
#include "cost/bill.h"

namespace nexus::cli {

// A bill as it is shown: amounts are texts already.
struct ShownBill {
  struct Line {
    std::string item;
    std::string what;
    std::string price;
    std::string source;
    bool checked = false;
    bool fixed = false;
    cost::Money amount;
  };
  std::string service;
  bool priced = true;
  std::string note;
  uint64_t units = 0;
  uint64_t events = 0;
  std::vector<Line> lines;
  cost::Money fixed;
  cost::Money variable;

  cost::Money total() const { return fixed + variable; }
};

ShownBill Shown(const cost::Bill& bill);
std::string BillJson(const ShownBill& bill);

// A row a line, and one with the sum for each bill. A price with a star is not checked.
void PrintBills(std::ostream& out, OutputStyle style, const std::vector<ShownBill>& bills);

// How many prices are not checked, in words; empty: all are.
std::string UncheckedText(const std::vector<ShownBill>& bills);

}  // namespace nexus::cli
