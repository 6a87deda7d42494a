#pragma once

// Whether a declared graph is consistent in itself, and decoupled: no service calls another past
// the log. Pure.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "graph/declared_graph.h"
#include "graph/graph_finding.h"

namespace nexus::graph {

// `schemas` are the event types that have one; nothing: schemas are not looked at.
std::vector<GraphFinding> CheckDeclared(const DeclaredGraph& declared,
                                        const std::optional<std::set<std::string>>& schemas);

}  // namespace nexus::graph
