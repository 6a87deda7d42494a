#pragma once

// Our own form of a declared graph: `services: {orders: {publishes: [OrderPlaced], consumes: []}}`.

#include <vector>

#include "graph/declared/yaml_document.h"
#include "graph/declared_graph.h"

namespace nexus::graph {

void ReadServiceList(const Yaml& root, YamlTree& tree, std::vector<DeclaredService>& services);

}  // namespace nexus::graph
