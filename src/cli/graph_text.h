#pragma once

// A service graph as text: JSON for programs, DOT and Mermaid for drawings.

#include <string>

#include "nexus/core/service_graph.h"

namespace nexus::cli {

// {"position", "left_out", "services", "edges", "subscriptions"}; nexusctl.md has the members.
std::string GraphJson(const ServiceGraph& graph);

// Services as boxes, event types as ellipses; a call past the log is a dashed arrow in red.
std::string GraphDot(const ServiceGraph& graph);
std::string GraphMermaid(const ServiceGraph& graph);

}  // namespace nexus::cli
