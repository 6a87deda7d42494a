#include "corpus.h"

#include <simdjson.h>

#include <algorithm>
#include <filesystem>

namespace nexus::schema {
namespace {

std::vector<std::string> TextsOf(simdjson::dom::element list) {
  std::vector<std::string> texts;
  const simdjson::dom::array items = list;
  for (const simdjson::dom::element item : items) texts.push_back(simdjson::minify(item));
  return texts;
}

}  // namespace

std::vector<CorpusCase> ReadCorpus(const std::string& folder) {
  std::vector<CorpusCase> cases;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    simdjson::dom::parser parser;
    const simdjson::dom::element root = parser.load(entry.path().string());
    cases.push_back({entry.path().stem().string(), simdjson::minify(root["schema"].value()),
                     TextsOf(root["valid"]), TextsOf(root["invalid"])});
  }
  std::sort(cases.begin(), cases.end(),
            [](const CorpusCase& a, const CorpusCase& b) { return a.name < b.name; });
  return cases;
}

}  // namespace nexus::schema
