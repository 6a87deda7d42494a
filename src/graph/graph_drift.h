#pragma once

// Where the graph that the log shows differs from the declared one. Pure.

#include <vector>

#include "graph/declared_graph.h"
#include "graph/graph_finding.h"
#include "nexus/core/position.h"
#include "nexus/core/service_graph.h"

namespace nexus::graph {

// Only what was seen at `since` or later counts as seen. In the order of the seen edges, then of
// the declared ones.
std::vector<GraphFinding> FindDrift(const ServiceGraph& seen, const DeclaredGraph& declared,
                                    Position since);

}  // namespace nexus::graph
