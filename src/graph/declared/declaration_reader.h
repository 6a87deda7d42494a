#pragma once

// Reads the declared service graph from the files of a folder: AsyncAPI 3 documents and lists of
// services, as YAML or JSON. docs/reference/service-graph.md says which parts of them count.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/declared_graph.h"

namespace nexus::graph {

struct Declarations {
  DeclaredGraph graph;
  std::vector<std::string> files;  // that were read, relative to the folder
  std::vector<DeclarationFault> faults;
};

// Those of the names asyncapi.* and graph.*, *.asyncapi.* and *.graph.*, and all of the folders
// asyncapi/ and graph/, with the endings yaml, yml and json; by name. Relative to `folder`.
std::vector<std::string> FindDeclarations(const std::string& folder);

// `files` are relative to `folder`.
Declarations ReadDeclarations(const std::string& folder, const std::vector<std::string>& files);

}  // namespace nexus::graph
