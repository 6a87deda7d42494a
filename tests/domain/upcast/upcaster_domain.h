#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "domain/domain_state.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

// {name, type, from, to_type}; the script of each is "NAME.js".
struct NamedUpcaster {
  std::string name;
  std::string script = "export const upcast = (event) => event;";
  std::string type = "Made";
  uint32_t from = 1;
  std::string to_type = "";  // the same type, its next version
  std::string domain = "one";
};

inline std::string UpcasterText(const NamedUpcaster& upcaster) {
  return absl::StrCat(
      R"({"apiVersion":"nexus/v1","kind":"Upcaster","metadata":{"name":")", upcaster.name,
      R"("},"spec":{"script":")", upcaster.name, R"(.js","type":")", upcaster.type, R"(","from":)",
      upcaster.from,
      upcaster.to_type.empty() ? "" : absl::StrCat(R"(,"to_type":")", upcaster.to_type, "\""),
      "}}");
}

// `declarations`: others, of the domain "one".
inline std::shared_ptr<const DomainState> DomainOf(JsonReader& json,
                                                   const std::vector<NamedUpcaster>& upcasters,
                                                   std::vector<PackageFile> declarations = {}) {
  std::map<std::string, DomainPackage> packages;
  packages["one"].declarations = std::move(declarations);
  packages["one"].files.push_back({"a.js", "export {}"});
  for (const NamedUpcaster& upcaster : upcasters) {
    DomainPackage& package = packages[upcaster.domain];
    package.declarations.push_back({upcaster.name + ".yaml", UpcasterText(upcaster)});
    package.files.push_back({upcaster.name + ".js", upcaster.script});
  }
  std::map<std::string, DomainRecord> domains;
  for (auto& [name, package] : packages) {
    package.name = name;
    domains[name].package = std::make_shared<const DomainPackage>(std::move(package));
  }
  return *DomainState::Build(std::move(domains), json);
}

}  // namespace nexus::domain
