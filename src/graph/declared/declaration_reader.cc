#include "graph/declared/declaration_reader.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "graph/declared/asyncapi.h"
#include "graph/declared/service_list.h"
#include "graph/declared/yaml_document.h"

namespace nexus::graph {
namespace {

namespace fs = std::filesystem;

bool IsDeclaration(const fs::path& file) {
  const std::string ending = file.extension().string();
  if (ending != ".yaml" && ending != ".yml" && ending != ".json") return false;
  const std::string folder = file.parent_path().generic_string();
  if (folder == "asyncapi" || folder == "graph") return true;
  if (!folder.empty()) return false;
  const std::string stem = file.stem().string();
  return stem == "asyncapi" || stem == "graph" || absl::EndsWith(stem, ".asyncapi") ||
         absl::EndsWith(stem, ".graph");
}

// A document that is neither says so: a file that is passed over in silence checks nothing.
void ReadDocument(const Yaml& root, YamlTree& tree, std::vector<DeclaredService>& services) {
  if (root.Member("asyncapi").has_value()) {
    ReadAsyncApi(root, tree, services);
  } else if (root.Member("services").has_value()) {
    ReadServiceList(root, tree, services);
  } else {
    tree.AddFault(root.place(),
                  "is neither an AsyncAPI document (no `asyncapi`) nor a list of "
                  "services (no `services`)");
  }
}

}  // namespace

std::vector<std::string> FindDeclarations(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  for (const char* part : {"", "asyncapi", "graph"}) {
    for (fs::directory_iterator at(fs::path(folder) / part, error), end; !error && at != end;
         at.increment(error)) {
      const fs::path file = at->path().lexically_relative(folder);
      std::error_code ignored;
      if (at->is_regular_file(ignored) && IsDeclaration(file)) {
        files.push_back(file.generic_string());
      }
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

Declarations ReadDeclarations(const std::string& folder, const std::vector<std::string>& files) {
  YamlTree tree(folder);
  std::vector<DeclaredService> services;
  for (const std::string& file : files) {
    const std::optional<Yaml> root = tree.Load(file);
    if (!root.has_value()) continue;
    // yaml-cpp throws; it goes no further than this.
    try {
      ReadDocument(*root, tree, services);
    } catch (const YAML::Exception& bad) {
      tree.AddFault({file, bad.mark.is_null() ? 0 : static_cast<uint64_t>(bad.mark.line) + 1},
                    bad.msg);
    }
  }
  std::stable_sort(services.begin(), services.end(),
                   [](const auto& a, const auto& b) { return a.name < b.name; });
  Declarations declared;
  declared.files = files;
  for (DeclaredService& service : services) {
    std::vector<DeclaredService>& known = declared.graph.services;
    if (!known.empty() && known.back().name == service.name) {
      const SourcePlace& first = known.back().place;
      tree.AddFault(service.place, absl::StrCat("service ", service.name, " is declared in ",
                                                first.file, ":", first.line, " already"));
      continue;
    }
    known.push_back(std::move(service));
  }
  declared.faults = std::move(tree.faults());
  return declared;
}

}  // namespace nexus::graph
