#include "graph/expected_graph.h"

#include <map>
#include <set>
#include <string>
#include <utility>

namespace nexus::graph {
namespace {

struct Publisher {
  std::string service;
  std::string category;
};

GraphEdge EdgeOf(GraphEdgeKind kind, const std::string& service, const DeclaredUse& use) {
  GraphEdge edge;
  edge.kind = kind;
  edge.service = service;
  edge.category = use.category;
  edge.type = use.type;
  return edge;
}

}  // namespace

ServiceGraph ExpectedGraph(const DeclaredGraph& declared) {
  ServiceGraph graph;
  std::map<std::string, Publisher> publishers;  // of a type: the first
  std::set<std::string> names;
  for (const DeclaredService& service : declared.services) {
    names.insert(service.name);
    for (const DeclaredCall& call : service.calls) {
      if (!call.peer.empty()) names.insert(call.peer);
    }
    for (const DeclaredUse& use : service.publishes) {
      publishers.try_emplace(use.type, Publisher{service.name, use.category});
      graph.edges.push_back(EdgeOf(GraphEdgeKind::kPublishes, service.name, use));
    }
  }
  for (const DeclaredService& service : declared.services) {
    for (const DeclaredUse& use : service.consumes) {
      GraphEdge edge = EdgeOf(GraphEdgeKind::kConsumes, service.name, use);
      const auto publisher = publishers.find(use.type);
      if (publisher != publishers.end()) {
        edge.peer = publisher->second.service;
        if (edge.category.empty()) edge.category = publisher->second.category;
      }
      graph.edges.push_back(std::move(edge));
    }
    for (const DeclaredCall& call : service.calls) {
      if (call.peer.empty()) continue;
      GraphEdge edge;
      edge.kind = GraphEdgeKind::kCalls;
      edge.service = service.name;
      edge.peer = call.peer;
      edge.evidence = CallEvidence::kDeclared;
      graph.edges.push_back(std::move(edge));
    }
  }
  for (const std::string& name : names) {
    GraphService row;
    row.name = name;
    graph.services.push_back(std::move(row));
  }
  return graph;
}

}  // namespace nexus::graph
