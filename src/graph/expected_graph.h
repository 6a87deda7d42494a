#pragma once

// The declared graph in the form of a seen one, for drawings. Pure.

#include "graph/declared_graph.h"
#include "nexus/core/service_graph.h"

namespace nexus::graph {

// Nothing was seen: counts and positions are 0. A use of any category gets that of the first
// service that publishes the type, if it has one. A call of nobody knows whom is left out.
ServiceGraph ExpectedGraph(const DeclaredGraph& declared);

}  // namespace nexus::graph
