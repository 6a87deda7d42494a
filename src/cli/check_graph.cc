// nexusctl check: the declared service graph.

#include <optional>
#include <set>
#include <string>

#include "cli/folder_check.h"
#include "cli/graph_report.h"
#include "cli/schema_folder.h"
#include "graph/declared/declaration_reader.h"
#include "graph/declared_check.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

class GraphCheck final : public FolderCheck {
 public:
  absl::string_view name() const override { return "graph"; }
  absl::string_view looks_at() const override {
    return "asyncapi.yaml, graph.yaml, asyncapi/, graph/";
  }

  absl::Status Run(Session&, const CheckRequest& request, CheckResult& result) override {
    const std::string& folder = request.folder;
    const graph::Declarations declared =
        graph::ReadDeclarations(folder, graph::FindDeclarations(folder));
    for (const std::string& file : declared.files) result.files.push_back(Below(folder, file));
    for (const auto& fault : declared.faults) result.findings.push_back(ToReported(fault, folder));
    // Of what is half understood, the rest would be said to be missing.
    if (declared.files.empty() || !declared.faults.empty()) return absl::OkStatus();
    NEXUS_ASSIGN_OR_RETURN(const SchemaFolder schemas, SchemaFolder::Read(folder + "/schemas"));
    std::optional<std::set<std::string>> subjects;
    for (const SchemaFile& file : schemas.files()) {
      if (!subjects.has_value()) subjects.emplace();
      subjects->insert(file.subject);
    }
    for (const auto& finding : graph::CheckDeclared(declared.graph, subjects)) {
      result.findings.push_back(ToReported(finding, folder));
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<FolderCheck> NewGraphCheck() { return std::make_unique<GraphCheck>(); }

}  // namespace nexus::cli
