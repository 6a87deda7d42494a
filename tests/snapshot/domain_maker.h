#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "domain/domain_state.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::snapshot {

// A domain with an aggregate "order" that folds OrderPlaced, and what a test adds.
struct DomainMaker {
  std::string commands = R"(["PlaceOrder"])";
  std::string events = R"(["OrderPlaced"])";
  std::string snapshots = R"({"mode": "fixed", "events": 100})";
  std::vector<domain::PackageFile> files = {{"order.js", "import { a } from \"./lib/a.js\";"},
                                            {"lib/a.js", "export const a = 1;"},
                                            {"lib/b.js", "export const b = 1;"}};
  std::vector<domain::PackageFile> upcasters = {};
  uint64_t version = 1;

  DomainMaker& Upcaster(const std::string& type, int from, const std::string& script) {
    upcasters.push_back(
        {absl::StrCat("upcaster-", type, ".json"),
         absl::StrCat(R"({"apiVersion": "nexus/v1", "kind": "Upcaster", "metadata": {"name": "up"},
           "spec": {"script": ")",
                      script, R"(", "type": ")", type, R"(", "from": )", from, "}}")});
    return *this;
  }
  std::shared_ptr<const domain::DomainState> Make() const {
    schema::SimdJsonReader json;
    auto package = std::make_shared<domain::DomainPackage>();
    package->name = "shop";
    package->declarations = {
        {"order.json",
         absl::StrCat(R"({"apiVersion": "nexus/v1", "kind": "Aggregate", "metadata":
           {"name": "order"}, "spec": {"script": "order.js", "id": "/orderId", "commands": )",
                      commands, R"(, "events": )", events, R"(, "snapshots": )", snapshots, "}}")}};
    for (const domain::PackageFile& upcaster : upcasters) {
      package->declarations.push_back(upcaster);
    }
    package->files = files;
    std::map<std::string, domain::DomainRecord> domains;
    domains["shop"].package = std::move(package);
    domains["shop"].version = version;
    return *domain::DomainState::Build(std::move(domains), json);
  }
};

}  // namespace nexus::snapshot
