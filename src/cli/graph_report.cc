#include "cli/graph_report.h"

#include <filesystem>

namespace nexus::cli {
namespace {

std::string LevelName(graph::FindingLevel level) {
  switch (level) {
    case graph::FindingLevel::kNote:
      return "note";
    case graph::FindingLevel::kWarning:
      return "warning";
    case graph::FindingLevel::kError:
      break;
  }
  return "error";
}

}  // namespace

std::string Below(const std::string& folder, const std::string& file) {
  std::string path = (std::filesystem::path(folder) / file).lexically_normal().generic_string();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

ReportedFinding ToReported(const graph::GraphFinding& finding, const std::string& folder) {
  ReportedFinding reported;
  reported.rule = finding.rule;
  reported.level = LevelName(finding.level);
  reported.message = finding.message;
  reported.file = Below(folder, finding.place.file);
  reported.line = finding.place.line;
  reported.path = finding.subject;
  reported.fix = finding.fix;
  return reported;
}

ReportedFinding ToReported(const graph::DeclarationFault& fault, const std::string& folder) {
  ReportedFinding reported;
  reported.rule = "DECLARATION_INVALID";
  reported.message = fault.message;
  reported.file = Below(folder, fault.place.file);
  reported.line = fault.place.line;
  return reported;
}

}  // namespace nexus::cli
