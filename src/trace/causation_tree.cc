#include "trace/causation_tree.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace nexus::trace {
namespace {

// Written by commands (src/command/repeated_command.h); stored, so they never change.
constexpr absl::string_view kCommandKey = "$command";
constexpr absl::string_view kCommandCausationKey = "$command-causation";

absl::string_view MetadataOf(const RecordedEvent& event, absl::string_view key) {
  for (const auto& [name, value] : event.metadata) {
    if (name == key) return value;
  }
  return {};
}

class Ordering {
 public:
  explicit Ordering(std::vector<TraceNode> nodes) : nodes_(std::move(nodes)) {
    std::stable_sort(nodes_.begin(), nodes_.end(), [](const TraceNode& a, const TraceNode& b) {
      if (a.position != b.position) return a.position < b.position;
      return a.kind > b.kind;  // a command before its events
    });
    for (size_t i = 0; i < nodes_.size(); ++i) by_id_.emplace(nodes_[i].id, i);
    children_.resize(nodes_.size());
    placed_.resize(nodes_.size());
  }

  std::vector<TraceNode> Take() {
    std::vector<size_t> roots;
    for (size_t i = 0; i < nodes_.size(); ++i) {
      if (by_id_.at(nodes_[i].id) != i) {
        placed_[i] = true;  // it is there already
        continue;
      }
      const auto cause = by_id_.find(nodes_[i].causation_id);
      if (cause != by_id_.end()) {
        children_[cause->second].push_back(i);
      } else {
        nodes_[i].cause_is_missing = !nodes_[i].causation_id.empty();
        roots.push_back(i);
      }
    }
    for (const size_t root : roots) Place(root);
    // What is left leads to itself.
    for (size_t i = 0; i < nodes_.size(); ++i) Place(i);
    return std::move(ordered_);
  }

 private:
  // Without recursion: a chain may be as long as the trace.
  void Place(size_t root) {
    std::vector<std::pair<size_t, uint32_t>> open = {{root, 0}};
    while (!open.empty()) {
      const auto [i, depth] = open.back();
      open.pop_back();
      if (placed_[i]) continue;
      placed_[i] = true;
      nodes_[i].depth = depth;
      for (auto child = children_[i].rbegin(); child != children_[i].rend(); ++child) {
        open.emplace_back(*child, depth + 1);
      }
      ordered_.push_back(std::move(nodes_[i]));
    }
  }

  std::vector<TraceNode> nodes_;
  absl::flat_hash_map<std::string, size_t> by_id_;
  std::vector<std::vector<size_t>> children_;
  std::vector<bool> placed_;
  std::vector<TraceNode> ordered_;
};

}  // namespace

std::vector<TraceNode> NodesOf(const RecordedEvent& event) {
  std::vector<TraceNode> nodes;
  TraceNode shown;
  shown.principal = std::string(event.principal);
  shown.recorded = event.recorded;
  shown.position = event.position;
  const absl::string_view mark = MetadataOf(event, kCommandKey);
  if (!mark.empty()) {
    TraceNode command = shown;
    command.kind = NodeKind::kCommand;
    command.id = event.commit_id.ToString();
    command.causation_id = std::string(MetadataOf(event, kCommandCausationKey));
    command.type = std::string(mark.substr(0, mark.find(' ')));
    nodes.push_back(std::move(command));
  }
  shown.id = event.id.ToString();
  shown.causation_id = std::string(event.causation_id);
  shown.type = std::string(event.type);
  shown.stream = std::string(event.stream);
  shown.revision = event.revision;
  shown.schema_version = event.schema_version;
  shown.policy_revision = std::string(event.policy_revision);
  shown.decision_id = std::string(event.decision_id);
  shown.traceparent = std::string(event.traceparent);
  nodes.push_back(std::move(shown));
  return nodes;
}

std::vector<TraceNode> OrderByCausation(std::vector<TraceNode> nodes) {
  return Ordering(std::move(nodes)).Take();
}

}  // namespace nexus::trace
