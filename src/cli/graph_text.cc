#include "cli/graph_text.h"

#include <map>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "cli/output.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

JsonObject& AddSightings(JsonObject& json, const GraphSightings& seen) {
  json.Number("events", seen.events).Number("first_position", seen.first.value);
  json.Number("last_position", seen.last.value).Text("last_time", TimeText(seen.last_time));
  return json;
}

std::string ServiceJson(const GraphService& service) {
  std::vector<std::string> principals;
  for (const std::string& name : service.principals) principals.push_back(JsonString(name));
  JsonObject json;
  json.Text("name", service.name).Raw("principals", JsonArray(principals));
  AddSightings(json, service.seen).Number("causes_unresolved", service.causes_unresolved);
  return json.Take();
}

std::string EdgeJson(const GraphEdge& edge) {
  JsonObject json;
  json.Text("kind", GraphEdgeKindName(edge.kind)).Text("service", edge.service);
  if (!edge.peer.empty()) json.Text("peer", edge.peer);
  json.Text("category", edge.category).Text("type", edge.type);
  if (edge.evidence != CallEvidence::kNone) {
    json.Text("evidence", CallEvidenceName(edge.evidence));
  }
  return AddSightings(json, edge.seen).Take();
}

std::string SubscriptionJson(const GraphSubscription& row) {
  JsonObject json;
  json.Text("principal", row.principal).Text("place", row.place).Text("type", row.type);
  json.Number("times", row.times).Text("last_time", TimeText(row.last_time));
  return json.Take();
}

// What a drawing shows. Names of services and types get short ids: both languages have their own
// ideas of what a name may hold.
struct Drawing {
  explicit Drawing(const ServiceGraph& graph) {
    for (const GraphService& service : graph.services) ServiceId(service.name);
    for (const GraphEdge& edge : graph.edges) {
      const std::string service = ServiceId(edge.service);
      if (edge.kind == GraphEdgeKind::kCalls) {
        calls.emplace(service, ServiceId(edge.peer));
        continue;
      }
      const std::string type =
          TypeId(edge.category.empty() ? edge.type : absl::StrCat(edge.category, "/", edge.type));
      arrows.emplace(edge.kind == GraphEdgeKind::kPublishes ? std::pair(service, type)
                                                            : std::pair(type, service));
    }
  }

  std::string ServiceId(const std::string& name) {
    return services.try_emplace(name, absl::StrCat("s", services.size())).first->second;
  }
  std::string TypeId(const std::string& name) {
    return types.try_emplace(name, absl::StrCat("t", types.size())).first->second;
  }

  std::map<std::string, std::string> services;  // name to id
  std::map<std::string, std::string> types;
  std::set<std::pair<std::string, std::string>> arrows;
  std::set<std::pair<std::string, std::string>> calls;
};

std::string DotText(const std::string& text) {
  return absl::StrCat("\"", absl::StrReplaceAll(Printable(text), {{"\\", "\\\\"}, {"\"", "\\\""}}),
                      "\"");
}

std::string MermaidText(const std::string& text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(Printable(text), {{"\"", "#quot;"}, {"<", "#lt;"}, {">", "#gt;"}}),
      "\"");
}

}  // namespace

std::string GraphJson(const ServiceGraph& graph) {
  std::vector<std::string> services;
  std::vector<std::string> edges;
  std::vector<std::string> subscriptions;
  for (const GraphService& service : graph.services) services.push_back(ServiceJson(service));
  for (const GraphEdge& edge : graph.edges) edges.push_back(EdgeJson(edge));
  for (const GraphSubscription& row : graph.subscriptions) {
    subscriptions.push_back(SubscriptionJson(row));
  }
  JsonObject json;
  json.Number("position", graph.position.value).Number("left_out", graph.left_out);
  json.Raw("services", JsonArray(services)).Raw("edges", JsonArray(edges));
  json.Raw("subscriptions", JsonArray(subscriptions));
  return json.Take();
}

std::string GraphDot(const ServiceGraph& graph) {
  const Drawing drawing(graph);
  std::string text = "digraph services {\n  rankdir=LR;\n";
  for (const auto& [name, id] : drawing.services) {
    absl::StrAppend(&text, "  ", id, " [shape=box, label=", DotText(name), "];\n");
  }
  for (const auto& [name, id] : drawing.types) {
    absl::StrAppend(&text, "  ", id, " [shape=ellipse, label=", DotText(name), "];\n");
  }
  for (const auto& [from, to] : drawing.arrows) {
    absl::StrAppend(&text, "  ", from, " -> ", to, ";\n");
  }
  for (const auto& [from, to] : drawing.calls) {
    absl::StrAppend(&text, "  ", from, " -> ", to, " [style=dashed, color=red, label=calls];\n");
  }
  return text + "}\n";
}

std::string GraphMermaid(const ServiceGraph& graph) {
  const Drawing drawing(graph);
  std::string text = "flowchart LR\n";
  for (const auto& [name, id] : drawing.services) {
    absl::StrAppend(&text, "  ", id, "[", MermaidText(name), "]\n");
  }
  for (const auto& [name, id] : drawing.types) {
    absl::StrAppend(&text, "  ", id, "([", MermaidText(name), "])\n");
  }
  for (const auto& [from, to] : drawing.arrows) {
    absl::StrAppend(&text, "  ", from, " --> ", to, "\n");
  }
  for (const auto& [from, to] : drawing.calls) {
    absl::StrAppend(&text, "  ", from, " -. calls .-> ", to, "\n");
  }
  return text;
}

}  // namespace nexus::cli
