#pragma once

// A schema after compilation: what an evaluation reads, and nothing else. Immutable once compiled.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "nexus/core/data_class.h"
#include "schema/json/draft.h"
#include "schema/json/format.h"
#include "schema/json/json_document.h"
#include "schema/json/json_number.h"
#include "schema/json/pattern.h"
#include "schema/json/schema_keywords.h"

namespace nexus::schema {

// Bits of Node::types. A whole number has the bits of both number types.
inline constexpr uint8_t kNullBit = 1;
inline constexpr uint8_t kBooleanBit = 2;
inline constexpr uint8_t kIntegerBit = 4;
inline constexpr uint8_t kNumberBit = 8;
inline constexpr uint8_t kStringBit = 16;
inline constexpr uint8_t kArrayBit = 32;
inline constexpr uint8_t kObjectBit = 64;

struct Node;
using NodeList = std::vector<const Node*>;

struct NumberRules {
  std::optional<Number> minimum;
  std::optional<Number> maximum;
  std::optional<Number> above;  // exclusiveMinimum
  std::optional<Number> below;  // exclusiveMaximum
  std::optional<Number> step;   // multipleOf
};

struct StringRules {
  std::optional<uint64_t> length_min;  // in code points
  std::optional<uint64_t> length_max;
  std::shared_ptr<const Pattern> pattern;  // shared by all nodes that have the same text
  std::string pattern_text;
  const Format* format = nullptr;  // where it is asserted
};

struct ArrayRules {
  NodeList prefix;
  const Node* rest = nullptr;  // for the items after the prefix
  std::optional<uint64_t> count_min;
  std::optional<uint64_t> count_max;
  bool unique = false;
  const Node* contains = nullptr;
  uint64_t contains_min = 1;
  std::optional<uint64_t> contains_max;
  bool contains_evaluates = false;  // since 2020-12: a matching item counts as evaluated
};

struct ObjectRules {
  // A name that the schema mentions: as a property, as required, or both.
  struct Slot {
    std::string name;
    const Node* property = nullptr;
    bool required = false;
  };
  struct Dependency {
    std::string trigger;
    absl::string_view keyword;
    std::vector<std::string> required;
    const Node* schema = nullptr;
  };

  std::vector<Slot> slots;
  absl::flat_hash_map<std::string, size_t> slot_of;  // only where a scan of `slots` would be slow
  std::vector<std::pair<std::shared_ptr<const Pattern>, const Node*>> patterns;
  const Node* additional = nullptr;
  const Node* names = nullptr;
  std::optional<uint64_t> count_min;
  std::optional<uint64_t> count_max;
  std::vector<Dependency> dependencies;

  // Whether it says of some member that it is looked at.
  bool DeclaresMembers() const;
  // Index of the slot, or -1.
  int FindSlot(std::string_view name) const;
};

// Subschemas that look at the same instance.
struct InPlaceRules {
  const Node* ref = nullptr;
  const Node* dynamic_ref = nullptr;  // where it leads unless an outer resource has the anchor
  // Empty: `dynamic_ref` is a plain reference. kRecursiveAnchor for $recursiveRef.
  std::string dynamic_anchor;
  std::optional<Draft> metaschema;  // a reference to the metaschema of this draft
  NodeList all_of;
  NodeList any_of;
  NodeList one_of;
  const Node* negated = nullptr;
  const Node* condition = nullptr;
  const Node* consequence = nullptr;
  const Node* alternative = nullptr;
};

// Under it $recursiveAnchor stands among the dynamic anchors; no anchor can be named so.
inline constexpr absl::string_view kRecursiveAnchor = "$recursiveAnchor";

// A schema with an identifier of its own.
struct Resource {
  std::string uri;  // empty for a document without $id
  std::string root_location;
  size_t document = 0;  // 0: the schema itself; n: the n-th that it refers to
  Dialect dialect;
  absl::flat_hash_map<std::string, const Node*> anchors;
  absl::flat_hash_map<std::string, const Node*> dynamic_anchors;
};

struct Node {
  enum class Kind : uint8_t { kRules, kAlways, kNever };

  Kind kind = Kind::kRules;
  bool written_integer = false;  // draft 4: "integer" is how a number is written, 1.0 is none
  uint8_t types = 0;             // 0: any
  // JSON pointer into the schema; after "NAME#" in a document that it refers to.
  std::string location;
  absl::string_view keyword;  // of the parent, under which it stands
  const Resource* resource = nullptr;

  std::optional<JsonElement> constant;
  bool has_enum = false;
  std::vector<JsonElement> enumeration;
  absl::flat_hash_set<size_t> enum_hashes;  // filled where the enumeration is long
  std::unique_ptr<const NumberRules> number;
  std::unique_ptr<const StringRules> text;
  std::unique_ptr<const ArrayRules> array;
  std::unique_ptr<const ObjectRules> object;
  std::unique_ptr<InPlaceRules> in_place;
  const Node* unevaluated_items = nullptr;
  const Node* unevaluated_properties = nullptr;
  std::unique_ptr<const FieldClass> field_class;  // an annotation
};

struct SchemaProgram {
  // Constants of the nodes point into these.
  std::unique_ptr<const JsonDocument> document;
  std::vector<std::unique_ptr<const JsonDocument>> references;
  std::deque<Node> nodes;
  std::deque<Resource> resources;
  const Node* root = nullptr;
  bool has_dynamic_refs = false;
};

}  // namespace nexus::schema
