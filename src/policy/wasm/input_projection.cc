#include "policy/wasm/input_projection.h"

#include <simdjson.h>

#include <algorithm>
#include <string_view>

namespace nexus::policy {
namespace {

using Node = InputProjection::Node;
namespace ondemand = simdjson::ondemand;

const Node* Find(const Node& node, std::string_view key) {
  for (const Node& member : node.members) {
    if (member.key == key) return &member;
  }
  return nullptr;
}

bool AppendMembers(ondemand::object object, const Node& node, std::string& out);

bool AppendRaw(ondemand::value value, ondemand::json_type type, std::string& out) {
  std::string_view raw;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (value.get(object) != simdjson::SUCCESS || object.raw_json().get(raw) != simdjson::SUCCESS) {
      return false;
    }
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get(array) != simdjson::SUCCESS || array.raw_json().get(raw) != simdjson::SUCCESS) {
      return false;
    }
  } else {
    raw = value.raw_json_token();
  }
  out.append(raw);
  out.push_back('\n');
  return true;
}

bool AppendValue(ondemand::value value, const Node& node, std::string& out) {
  ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return false;
  if (node.members.empty() || type != ondemand::json_type::object) {
    return AppendRaw(value, type, out);
  }
  ondemand::object object;
  return value.get(object) == simdjson::SUCCESS && AppendMembers(object, node, out);
}

bool AppendMembers(ondemand::object object, const Node& node, std::string& out) {
  out.push_back('{');
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    const Node* const member = Find(node, key);
    if (member == nullptr) continue;
    out.append(member->key);
    out.push_back(':');
    ondemand::value value;
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    if (!AppendValue(value, *member, out)) return false;
  }
  out.push_back('}');
  return true;
}

}  // namespace

InputProjection::InputProjection(const InputPaths& paths) {
  for (const std::vector<std::string>& path : paths) {
    Node* node = &root_;
    for (const std::string& key : path) {
      const auto found = std::find_if(node->members.begin(), node->members.end(),
                                      [&key](const Node& member) { return member.key == key; });
      if (found == node->members.end()) {
        node->members.push_back({key, {}});
        node = &node->members.back();
      } else {
        node = &*found;
      }
    }
  }
}

bool InputProjection::Append(std::string& input, std::string& out) const {
  if (root_.members.empty()) return true;  // a constant decision
  thread_local ondemand::parser parser;
  input.reserve(input.size() + simdjson::SIMDJSON_PADDING);
  ondemand::document document;
  ondemand::object object;
  return parser.iterate(input.data(), input.size(), input.capacity()).get(document) ==
             simdjson::SUCCESS &&
         document.get_object().get(object) == simdjson::SUCCESS &&
         AppendMembers(object, root_, out);
}

}  // namespace nexus::policy
