// SARIF 2.1.0: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html

#include <cstddef>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/finding_report.h"
#include "cli/json.h"

namespace nexus::cli {
namespace {

constexpr char kSarifSchema[] =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

// A URI reference: relative as the file's name is, so that it fits whatever folder a consumer has.
std::string UriOfFile(const std::string& file) {
  if (file == "-") return "stdin";
  std::string uri = file.rfind('/', 0) == 0 ? "file://" : "";
  for (const char c : file) {
    if (absl::ascii_isalnum(c) || absl::string_view("/-._~").find(c) != absl::string_view::npos) {
      uri.push_back(c);
    } else {
      absl::StrAppend(&uri, absl::StrFormat("%%%02X", static_cast<unsigned char>(c)));
    }
  }
  return uri;
}

std::string SarifMessage(const std::string& text) {
  JsonObject message;
  message.Text("text", text);
  return message.Take();
}

std::string SarifLocation(const ReportedFinding& finding) {
  JsonObject artifact;
  artifact.Text("uri", UriOfFile(finding.file));
  JsonObject region;
  // Viewers show a result at a line or not at all.
  region.Number("startLine", finding.line > 0 ? finding.line : 1);
  JsonObject physical;
  physical.Raw("artifactLocation", artifact.Take()).Raw("region", region.Take());
  JsonObject location;
  location.Raw("physicalLocation", physical.Take());
  if (!finding.path.empty()) {
    JsonObject logical;
    logical.Text("fullyQualifiedName", finding.path);
    location.Raw("logicalLocations", JsonArray({logical.Take()}));
  }
  return location.Take();
}

std::string SarifResult(const ReportedFinding& finding, size_t rule_index) {
  JsonObject properties;
  properties.Text("old", finding.old_value).Text("new", finding.new_value);
  properties.Text("fix", finding.fix);
  JsonObject result;
  result.Text("ruleId", finding.rule).Number("ruleIndex", rule_index);
  result.Text("level", finding.level);
  result.Raw("message", SarifMessage(finding.message));
  result.Raw("locations", JsonArray({SarifLocation(finding)}));
  result.Raw("properties", properties.Take());
  return result.Take();
}

std::string SarifRule(const ReportedFinding& first) {
  JsonObject configuration;
  configuration.Text("level", first.level);
  JsonObject rule;
  rule.Text("id", first.rule).Raw("shortDescription", SarifMessage(first.rule));
  if (!first.fix.empty()) rule.Raw("help", SarifMessage(first.fix));
  rule.Raw("defaultConfiguration", configuration.Take());
  return rule.Take();
}

}  // namespace

std::string SarifReport(const FindingReport& report) {
  std::map<std::string, size_t> index;
  std::vector<std::string> rules;
  std::vector<std::string> results;
  for (const ReportedFinding& finding : report.findings) {
    const auto [at, is_new] = index.emplace(finding.rule, rules.size());
    if (is_new) rules.push_back(SarifRule(finding));
    results.push_back(SarifResult(finding, at->second));
  }
  JsonObject driver;
  driver.Text("name", "nexusctl").Text("version", NEXUS_VERSION).Raw("rules", JsonArray(rules));
  JsonObject tool;
  tool.Raw("driver", driver.Take());
  JsonObject automation;
  // Runs of one check replace one another; runs of different checks stand side by side.
  automation.Text("id", absl::StrCat("nexusctl/", report.check, "/"));
  JsonObject run;
  run.Raw("tool", tool.Take()).Raw("automationDetails", automation.Take());
  run.Raw("results", JsonArray(results));
  JsonObject log;
  log.Text("$schema", kSarifSchema).Text("version", "2.1.0");
  log.Raw("runs", JsonArray({run.Take()}));
  return log.Take() + "\n";
}

}  // namespace nexus::cli
