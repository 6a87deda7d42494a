#include "temporal/merge_tree.h"

#include <utility>

#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::temporal {

absl::Status MergeTree::Read(absl::string_view object, JsonReader& json, Node& out) {
  out.is_object = true;
  NEXUS_ASSIGN_OR_RETURN(const auto members, json.ReadObject(object));
  for (const auto& [name, member] : members) {
    Node& node = out.members[name];
    if (member.is_string) {
      node.text = JsonString(member.text);
    } else if (member.text.front() == '{') {
      // Its depth is bounded: what is stored was parsed within a limit.
      NEXUS_RETURN_IF_ERROR(Read(member.text, json, node));
    } else {
      node.text = member.text;
    }
  }
  return absl::OkStatus();
}

void MergeTree::Merge(Node& into, Node&& patch) {
  if (!patch.is_object) {
    into = std::move(patch);
    return;
  }
  // What was no object becomes one.
  if (!into.is_object) into = Node{.text = {}, .members = {}, .is_object = true};
  for (auto& [name, member] : patch.members) {
    if (!member.is_object && member.text == "null") {
      into.members.erase(name);
    } else {
      Merge(into.members[name], std::move(member));
    }
  }
}

absl::Status MergeTree::Merge(absl::string_view patch, JsonReader& json) {
  Node read;
  NEXUS_RETURN_IF_ERROR(Read(patch, json, read));
  Merge(root_, std::move(read));
  return absl::OkStatus();
}

void MergeTree::Write(const Node& node, std::string& out) {
  if (!node.is_object) {
    out.append(node.text);
    return;
  }
  out.push_back('{');
  bool first = true;
  for (const auto& [name, member] : node.members) {
    if (!std::exchange(first, false)) out.push_back(',');
    AppendJsonString(out, name);
    out.push_back(':');
    Write(member, out);
  }
  out.push_back('}');
}

std::string MergeTree::ToJson() const {
  std::string out;
  Write(root_, out);
  return out;
}

}  // namespace nexus::temporal
