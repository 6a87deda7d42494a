#pragma once

// A JSON value that others are merged into: RFC 7396, JSON Merge Patch.
//
// Kept as a tree of objects, whose other values are texts in canonical form: a patch is parsed, the
// value that it changes is not. Numbers stay as they were written. Not thread-safe.

#include <map>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "nexus/port/json_reader.h"

namespace nexus::temporal {

class MergeTree {
 public:
  // An empty object.
  MergeTree() = default;

  // Null removes a member, an object is merged into it, anything else takes its place.
  // MALFORMED_JSON if `patch` is no JSON object; then nothing has changed.
  absl::Status Merge(absl::string_view patch, JsonReader& json);

  // With members in the order of their names.
  std::string ToJson() const;

 private:
  struct Node {
    std::string text;  // of what is no object
    std::map<std::string, Node> members;
    bool is_object = false;
  };

  static absl::Status Read(absl::string_view object, JsonReader& json, Node& out);
  static void Merge(Node& into, Node&& patch);
  static void Write(const Node& node, std::string& out);

  Node root_{.text = {}, .members = {}, .is_object = true};
};

}  // namespace nexus::temporal
