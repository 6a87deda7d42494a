#pragma once

// OPA's own test cases: YAML files with a query, modules, data, an input and what must come out.

#include <optional>
#include <string>
#include <vector>

#include "policy/wasm/rego_value.h"

namespace nexus::policy {

struct OpaCase {
  std::string note;  // its name
  std::string query;
  std::vector<std::string> modules;
  std::string data_json = "{}";
  std::string input_json;         // empty: there is none
  std::optional<RegoValue> want;  // bindings of the query, an array of objects
  bool want_error = false;
  // Why it cannot be asked here; empty: it can.
  std::string skip;
};

// All cases below `folder`.
std::vector<OpaCase> ReadOpaCases(const std::string& folder);

}  // namespace nexus::policy
