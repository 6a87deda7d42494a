#pragma once

// A place in the documents of one schema: every schema that may look at the values there, whatever
// the branch. It answers which fields a document may have there without being undeclared.
//
// Not thread-safe; the nodes must outlive the map.

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

class PlaceMap;

// Every schema that an evaluation of `start` may apply to the same value, whatever the branch.
NodeList InPlaceClosure(const NodeList& start);

class Place {
 public:
  // Whether some schema here speaks about a field of this name: as a property, by a pattern, as
  // required, or because further fields have a schema.
  bool Declares(std::string_view name) const;
  // Whether fields can be declared without being named: by a pattern or a schema for further ones.
  bool HasOpenDeclarations() const { return any_name_ || !patterns_.empty(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  friend class PlaceMap;

  NodeList nodes_;
  std::vector<std::string> names_;
  absl::flat_hash_map<std::string, bool> named_;
  std::vector<const Pattern*> patterns_;
  bool any_name_ = false;
  absl::flat_hash_map<std::string, const Place*> members_;
  const Place* items_ = nullptr;
  const Place* others_ = nullptr;
};

class PlaceMap {
 public:
  const Place* Of(NodeList start);
  // The place of the member `name`, of any member that is not named, of any item.
  const Place* Member(const Place* place, const std::string& name);
  const Place* Others(const Place* place);
  const Place* Items(const Place* place);

  // Nodes looked at so far: what the map has cost.
  size_t work() const { return work_; }

 private:
  void Describe(Place& place) const;

  std::deque<Place> places_;
  absl::flat_hash_map<std::vector<const Node*>, Place*> known_;
  size_t work_ = 0;
};

}  // namespace nexus::schema
