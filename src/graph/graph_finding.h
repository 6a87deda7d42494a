#pragma once

// What is wrong with a service graph, declared or seen.

#include <string>

#include "graph/declared_graph.h"

namespace nexus::graph {

enum class FindingLevel { kNote, kWarning, kError };

struct GraphFinding {
  std::string rule;  // stable; docs/reference/service-graph.md lists them
  FindingLevel level = FindingLevel::kError;
  std::string message;  // one sentence
  std::string subject;  // "orders publishes OrderPlaced": what it is about
  std::string fix;
  SourcePlace place;  // of the declaration; no file: there is none
};

}  // namespace nexus::graph
