#pragma once

// AsyncAPI 3: one document is one service.

#include <vector>

#include "graph/declared/yaml_document.h"
#include "graph/declared_graph.h"

namespace nexus::graph {

void ReadAsyncApi(const Yaml& root, YamlTree& tree, std::vector<DeclaredService>& services);

}  // namespace nexus::graph
