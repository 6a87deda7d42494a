#include "graph/graph_keeper.h"

#include "nexus/core/status_macros.h"

namespace nexus::graph {
namespace {

constexpr PageLimits kPage = {4'096, 4 << 20};

}  // namespace

absl::StatusOr<Position> GraphKeeper::Advance() {
  absl::MutexLock lock(&mutex_);
  const Position next(fold_.position().value + 1);
  NEXUS_ASSIGN_OR_RETURN(const EventBatch page, reader_.ReadAll(next, Direction::kForward, kPage));
  for (const RecordedEvent& event : page.events) fold_.Take(event);
  return fold_.position();
}

ServiceGraph GraphKeeper::Graph() const {
  ServiceGraph graph;
  {
    absl::MutexLock lock(&mutex_);
    graph = fold_.Graph();
  }
  graph.subscriptions = subscriptions_.List();
  return graph;
}

}  // namespace nexus::graph
