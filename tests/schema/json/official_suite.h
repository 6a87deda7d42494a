#pragma once

// The official JSON Schema Test Suite, as the tests read it.

#include <functional>
#include <string>
#include <vector>

#include "nexus/port/schema_source.h"

namespace nexus::schema {

struct SuiteCase {
  std::string description;
  std::string data;  // JSON
  bool valid = false;
};

struct SuiteGroup {
  std::string file;  // relative to the folder of the draft: "optional/format/date.json"
  std::string description;
  std::string schema;  // JSON
  std::vector<SuiteCase> cases;
};

// The folder with `tests` and `remotes`, whether or not it is there.
std::string SuiteFolder();

// Of the files directly in `folder` ("draft7", "draft7/optional/format"), sorted; without those
// whose numbers fit neither 64 bits nor a double.
std::vector<SuiteGroup> ReadSuite(const std::string& folder);

// What the suite wants to be found under http://localhost:1234/, for a test of `draft`: documents
// that belong to no draft and those of the five.
std::vector<SchemaReference> ReadSuiteRemotes();

}  // namespace nexus::schema
