#include "graph/declared_check.h"

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace nexus::graph {
namespace {

using Schemas = std::optional<std::set<std::string>>;

void CheckUse(const DeclaredService& service, const DeclaredUse& use, absl::string_view verb,
              const Schemas& schemas, std::vector<GraphFinding>& findings) {
  if (!schemas.has_value() || schemas->contains(use.type)) return;
  GraphFinding finding;
  finding.rule = "NO_SCHEMA";
  finding.subject = absl::StrCat(service.name, " ", verb, " ", use.type);
  finding.message = absl::StrCat(finding.subject, ", which has no schema");
  finding.fix = absl::StrCat("add a schema whose file is named after ", use.type);
  finding.place = use.place;
  findings.push_back(std::move(finding));
}

void CheckCall(const DeclaredService& service, const DeclaredCall& call,
               std::vector<GraphFinding>& findings) {
  GraphFinding finding;
  finding.rule = "DIRECT_CALL";
  finding.subject = absl::StrCat(service.name, " ", call.what);
  finding.message = absl::StrCat(finding.subject, " past the log");
  finding.place = call.place;
  if (call.because.empty()) {
    finding.fix = "publish an event that the other service consumes, or say `because`";
  } else {
    finding.level = FindingLevel::kNote;
    absl::StrAppend(&finding.message, "; tolerated because: ", call.because);
  }
  findings.push_back(std::move(finding));
}

}  // namespace

std::vector<GraphFinding> CheckDeclared(const DeclaredGraph& declared, const Schemas& schemas) {
  std::vector<GraphFinding> findings;
  std::map<std::string, std::set<std::string>> publishers;  // of a type
  for (const DeclaredService& service : declared.services) {
    for (const DeclaredUse& use : service.publishes) publishers[use.type].insert(service.name);
  }
  for (const DeclaredService& service : declared.services) {
    for (const DeclaredUse& use : service.publishes) {
      CheckUse(service, use, "publishes", schemas, findings);
      const std::set<std::string>& all = publishers[use.type];
      // Told once, where the first of them declares it.
      if (all.size() < 2 || *all.begin() != service.name) continue;
      findings.push_back({"TWO_PUBLISHERS", FindingLevel::kWarning,
                          absl::StrCat(use.type, " is published by ", absl::StrJoin(all, " and "),
                                       ": nobody owns its schema"),
                          use.type, "let one service own the type", use.place});
    }
    for (const DeclaredUse& use : service.consumes) {
      CheckUse(service, use, "consumes", schemas, findings);
      if (publishers.contains(use.type)) continue;
      const std::string subject = absl::StrCat(service.name, " consumes ", use.type);
      findings.push_back({"NOT_PUBLISHED", FindingLevel::kError,
                          absl::StrCat(subject, ", which nobody publishes"), subject,
                          "declare who publishes it, or mend the name", use.place});
    }
    for (const DeclaredCall& call : service.calls) CheckCall(service, call, findings);
  }
  return findings;
}

}  // namespace nexus::graph
