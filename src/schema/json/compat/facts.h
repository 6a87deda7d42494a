#pragma once

// What is known of a value that several schemas accept: their parts, merged.
//
// Nodes of either program may stand side by side. Whatever cannot be merged is left out, so a fact
// holds but facts may be missing. Not thread-safe; nodes must outlive the book.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

// In a set of kinds kIntegerBit stands for whole numbers and kNumberBit for all others.
inline constexpr uint8_t kAllKinds = 127;
inline constexpr uint8_t kNumericKinds = kIntegerBit | kNumberBit;

uint8_t KindsOf(uint8_t types);
std::string KindsText(uint8_t kinds);

// `true`, `{}` and the like.
bool IsAnything(const Node& node);
inline bool IsAnything(const Node* node) { return node == nullptr || IsAnything(*node); }

// What holds for members or items that nothing else covers; null: anything.
const Node* RestOfMembers(const Node& node);
const Node* RestOfItems(const Node& node);

struct NumberBound {
  Number value;
  bool exclusive = false;
};

struct Facts {
  NodeList nodes;  // as given; all hold
  NodeList parts;  // the same, with references and allOf opened up
  NodeList negs;   // none of these holds
  NodeList split;  // alternatives of these have been chosen already
  bool nothing = false;
  uint8_t kinds = kAllKinds;
  bool written_integers = false;  // whole numbers are written without a point (draft 4)
  std::optional<NumberBound> low;
  std::optional<NumberBound> high;
  std::optional<uint64_t> length_min, length_max;
  std::optional<uint64_t> items_min, items_max;
  std::optional<uint64_t> members_min, members_max;
  const Node* finite = nullptr;  // the part with the fewest listed values

  bool Requires(std::string_view name) const;
};

class FactsBook {
 public:
  // Dynamic references whose anchor stands in `ambiguous` are not followed.
  explicit FactsBook(absl::flat_hash_set<std::string> ambiguous)
      : ambiguous_(std::move(ambiguous)) {}

  // The reference stays good as long as the book.
  const Facts& Of(NodeList nodes, NodeList negs = {}, NodeList split = {});
  // `facts` and more.
  const Facts& With(const Facts& facts, const NodeList& nodes, const NodeList& negs = {},
                    const Node* split = nullptr);

  // `node`, what it refers to and its allOf, in order, each once.
  NodeList PartsOf(const Node& node) const;
  bool IsAmbiguous(const InPlaceRules& rules) const {
    return rules.dynamic_ref != nullptr && ambiguous_.contains(rules.dynamic_anchor);
  }
  bool HasAmbiguity() const { return !ambiguous_.empty(); }

 private:
  void Merge(Facts& facts) const;

  const absl::flat_hash_set<std::string> ambiguous_;
  std::deque<Facts> facts_;
  absl::flat_hash_map<std::vector<const Node*>, const Facts*> known_;
};

// The members that `facts` say something about: what covers the member `name`.
NodeList CoversOf(const Facts& facts, std::string_view name);
NodeList CoversOf(const Node& part, std::string_view name);
// Whether a part names it as a property or by a pattern.
bool Declares(const Facts& facts, std::string_view name);
bool Declares(const Node& part, std::string_view name);

}  // namespace nexus::schema
