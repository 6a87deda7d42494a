#include "official_suite.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::schema {
namespace {

using simdjson::dom::element;

std::vector<std::filesystem::path> JsonFilesIn(const std::string& folder, bool deep) {
  std::vector<std::filesystem::path> files;
  const auto note = [&](const std::filesystem::directory_entry& entry) {
    if (entry.path().extension() == ".json") files.push_back(entry.path());
  };
  if (deep) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) note(entry);
  } else {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) note(entry);
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string TextOf(element e, const char* key) { return std::string(e[key].get_string().value()); }

}  // namespace

std::string SuiteFolder() {
  const char* tools = std::getenv("NEXUS_TOOLS");
  const char* home = std::getenv("HOME");
  const std::string root = tools != nullptr && *tools != '\0'
                               ? std::string(tools)
                               : absl::StrCat(home == nullptr ? "" : home, "/.cache/nexus/tools");
  return root + "/json-schema-suite-4.23.0";
}

std::vector<SuiteGroup> ReadSuite(const std::string& folder) {
  std::vector<SuiteGroup> groups;
  for (const auto& file : JsonFilesIn(SuiteFolder() + "/tests/" + folder, false)) {
    simdjson::dom::parser parser;
    auto loaded = parser.load(file.string());
    // bignum.json and float-overflow.json hold numbers that Nexus refuses as malformed.
    if (loaded.error() == simdjson::NUMBER_ERROR) continue;
    const simdjson::dom::array read = loaded.value();
    for (const element one : read) {
      SuiteGroup group{file.filename().string(),
                       TextOf(one, "description"),
                       simdjson::minify(one["schema"].value()),
                       {}};
      const simdjson::dom::array cases = one["tests"];
      for (const element test : cases) {
        group.cases.push_back({TextOf(test, "description"), simdjson::minify(test["data"].value()),
                               test["valid"].get_bool().value()});
      }
      groups.push_back(std::move(group));
    }
  }
  return groups;
}

std::vector<SchemaReference> ReadSuiteRemotes() {
  const std::string folder = SuiteFolder() + "/remotes/";
  std::vector<SchemaReference> remotes;
  for (const auto& file : JsonFilesIn(folder, true)) {
    const std::string name = file.string().substr(folder.size());
    if (absl::StartsWith(name, "draft-next/")) continue;
    simdjson::dom::parser parser;
    remotes.push_back({absl::StrCat("http://localhost:1234/", name),
                       simdjson::minify(parser.load(file.string()).value())});
  }
  return remotes;
}

}  // namespace nexus::schema
