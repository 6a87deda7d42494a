#pragma once

// Findings of the service graph, and faults of its declaration, as a report has them.

#include <string>

#include "cli/finding_report.h"
#include "graph/declared/declaration_reader.h"
#include "graph/graph_finding.h"

namespace nexus::cli {

// `folder` comes before the names of files; a finding without a file is about the folder.
ReportedFinding ToReported(const graph::GraphFinding& finding, const std::string& folder);
ReportedFinding ToReported(const graph::DeclarationFault& fault, const std::string& folder);

// "folder/file"; the folder alone if `file` is empty.
std::string Below(const std::string& folder, const std::string& file);

}  // namespace nexus::cli
