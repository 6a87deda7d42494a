#pragma once

// Schemas as services have them, each with documents that it accepts and that it refuses.

#include <string>
#include <vector>

namespace nexus::schema {

struct CorpusCase {
  std::string name;
  std::string schema;
  std::vector<std::string> valid;
  std::vector<std::string> invalid;
};

// Of all files in `folder`, sorted by name.
std::vector<CorpusCase> ReadCorpus(const std::string& folder);

}  // namespace nexus::schema
