#pragma once

// The tables changes.txt of the comparers: a name, the schema before, the schema after, then the
// rules that each policy gives, one policy a line, '-' if compatible. '#' begins a comment.

#include <fstream>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/compatibility.h"

namespace nexus::schema {

struct Change {
  std::string name;
  std::string before;
  std::string after;
  std::vector<std::string> rules;  // by policy, as the table has them
};
inline void PrintTo(const Change& change, std::ostream* os) { *os << change.name; }

inline std::vector<Change> ReadChanges(const std::string& path, size_t policies) {
  std::ifstream file(path);
  std::vector<Change> changes;
  std::string line;
  while (std::getline(file, line)) {
    if (line.empty() || line[0] == '#') continue;
    Change change;
    change.name = line;
    change.rules.resize(policies);
    std::vector<std::string*> texts = {&change.before, &change.after};
    for (std::string& rules : change.rules) texts.push_back(&rules);
    for (std::string* text : texts) {
      std::getline(file, *text);
      if (*text == "-") text->clear();
    }
    changes.push_back(std::move(change));
  }
  return changes;
}

// "RULE RULE".
inline std::string RuleNamesOf(const CompatibilityVerdict& verdict) {
  std::string text;
  for (const CompatibilityFinding& finding : verdict.findings) {
    absl::StrAppend(&text, text.empty() ? "" : " ", finding.rule);
  }
  return text;
}

}  // namespace nexus::schema
