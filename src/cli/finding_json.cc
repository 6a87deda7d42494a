#include "cli/finding_json.h"

#include "cli/json.h"

namespace nexus::cli {

std::string FindingJson(const CompatibilityFinding& finding) {
  JsonObject json;
  json.Text("rule", finding.rule).Text("path", finding.path);
  json.Text("old", finding.old_value).Text("new", finding.new_value);
  json.Text("message", finding.message).Text("fix", finding.fix);
  if (!finding.witness.empty()) json.Raw("witness", finding.witness);
  json.Number("version", finding.version).Bool("forward", finding.forward);
  return json.Take();
}

}  // namespace nexus::cli
