#pragma once

// A tree of YAML or JSON files: nodes that know their file and line, and `$ref`s between them.
//
// Everything that is not understood is a fault with its place, and is passed over. Not thread-safe.

#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "graph/declared_graph.h"

namespace nexus::graph {

// A node of a file. The file's name is relative to the folder of the tree.
struct Yaml {
  Yaml(const YAML::Node& node_in, std::string file_in) : node(node_in), file(std::move(file_in)) {}
  Yaml(const Yaml&) = default;
  // Not the default: a YAML::Node that is assigned to changes the document that it is part of.
  Yaml& operator=(const Yaml& other) {
    node.reset(other.node);
    file = other.file;
    return *this;
  }

  YAML::Node node;
  std::string file;

  SourcePlace place() const;
  bool IsMap() const { return node.IsDefined() && node.IsMap(); }
  bool IsList() const { return node.IsDefined() && node.IsSequence(); }
  // A member of a map; nothing if there is none, or this is no map.
  std::optional<Yaml> Member(const std::string& key) const;
  // Its text; nothing if it is not a scalar.
  std::optional<std::string> Text() const;
};

class YamlTree {
 public:
  // `folder`: what the names of files are relative to, and no reference leads out of.
  explicit YamlTree(std::string folder) : folder_(std::move(folder)) {}

  // The root of a file; nothing, and a fault, if it cannot be read. At most 4 MiB.
  std::optional<Yaml> Load(const std::string& file);

  // What a node stands for: itself, or what its `$ref` leads to, however often. `name`, if given,
  // gets the last part of the last reference. Nothing, and a fault, if it leads nowhere.
  std::optional<Yaml> Resolve(const Yaml& from, std::string* name = nullptr);

  void AddFault(const SourcePlace& place, std::string message) {
    faults_.push_back({place, std::move(message)});
  }
  std::vector<DeclarationFault>& faults() { return faults_; }

 private:
  std::optional<Yaml> Follow(const Yaml& from, const std::string& reference);

  const std::string folder_;
  std::map<std::string, Yaml> roots_;
  std::vector<DeclarationFault> faults_;
};

}  // namespace nexus::graph
