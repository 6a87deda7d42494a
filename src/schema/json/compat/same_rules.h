#pragma once

// Whether two schemas say the same, rule by rule. False says nothing: they may still accept the
// same values. Not thread-safe; the nodes must outlive it.

#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "schema/json/compat/facts.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

class SameRules {
 public:
  explicit SameRules(const FactsBook& facts) : facts_(facts) {}

  bool Are(const Node& a, const Node& b);
  bool Are(const Node* a, const Node* b);
  // The same schemas in any order; long lists only in the same one.
  bool AreSets(const NodeList& a, const NodeList& b);

  size_t work() const { return work_; }

 private:
  bool Visit(const Node* a, const Node* b);
  bool VisitLists(const NodeList& a, const NodeList& b);
  bool SameArray(const ArrayRules* a, const ArrayRules* b);
  bool SameObject(const ObjectRules* a, const ObjectRules* b);
  bool SameInPlace(const InPlaceRules* a, const InPlaceRules* b);

  const FactsBook& facts_;
  using Pair = std::pair<const Node*, const Node*>;
  absl::flat_hash_map<Pair, bool> known_;
  absl::flat_hash_set<Pair> assumed_;  // of the question under way
  size_t depth_ = 0;
  size_t work_ = 0;
};

}  // namespace nexus::schema
