#pragma once

// A schema as the fast evaluation reads it: flat records that answer yes or no and know nothing of
// places in the document. Made from the nodes of schema_model.h, which stay the authority: a part
// that asks which members were looked at (unevaluated...) is handed to the exhaustive evaluator.
//
// Immutable once compiled. Pointers lead into the program itself and into the SchemaProgram.

#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "schema/json/key_table.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

// In FastSchema::types, beside the bits of schema_model.h: a whole double is welcome although
// numbers in general are not.
inline constexpr uint8_t kWholeDoubleBit = 128;

struct FastSchema;
using FastList = std::vector<const FastSchema*>;

struct FastNumbers {
  // Every int64 within is fine but for the step, every other is not.
  int64_t int_min = INT64_MIN;
  int64_t int_max = INT64_MAX;
  int64_t int_step = 0;      // 0: none
  bool step_is_odd = false;  // not a whole number in an int64: compare exactly
  // The same for doubles, where the bounds are doubles too.
  bool bounds_are_doubles = true;
  double double_min = -std::numeric_limits<double>::infinity();
  double double_max = std::numeric_limits<double>::infinity();
  const NumberRules* rules = nullptr;  // for what the above does not settle
};

struct FastTexts {
  uint64_t length_min = 0;
  uint64_t length_max = UINT64_MAX;
  const Pattern* pattern = nullptr;
  const Format* format = nullptr;
};

struct FastArrays {
  FastList prefix;  // null: anything
  const FastSchema* rest = nullptr;
  uint64_t count_min = 0;
  uint64_t count_max = UINT64_MAX;
  const FastSchema* contains = nullptr;
  bool has_contains = false;
  uint64_t contains_min = 0;
  uint64_t contains_max = UINT64_MAX;
  bool has_items = false;
  bool unique = false;
};

struct FastObjects {
  struct Member {
    const FastSchema* schema = nullptr;  // null: `types` says all
    uint8_t types = 255;
    bool declared = false;  // else only required
    bool required = false;
  };
  struct Dependency {
    std::string trigger;
    std::vector<std::string> required;
    const FastSchema* schema = nullptr;
  };

  KeyTable names;
  std::vector<Member> members;  // by index of the name
  uint32_t required = 0;        // how many; no name comes twice in a document
  bool only_counts = false;     // neither names nor values matter
  std::vector<std::pair<const Pattern*, const FastSchema*>> patterns;
  bool has_additional = false;
  const FastSchema* additional = nullptr;
  const FastSchema* property_names = nullptr;
  uint64_t count_min = 0;
  uint64_t count_max = UINT64_MAX;
  std::vector<Dependency> dependencies;
  const ObjectRules* rules = nullptr;  // that this was made from
  bool declares_members = false;       // as ObjectRules::DeclaresMembers()
};

// const and enum.
struct FastValues {
  std::optional<JsonElement> constant;
  bool has_enum = false;
  KeyTable texts;                                       // the strings of the enumeration
  std::vector<JsonElement> others;                      // the rest of it
  const absl::flat_hash_set<size_t>* hashes = nullptr;  // of all, where they are many
  std::optional<std::string> text;                      // a constant that is a string
};

// Alternatives that a string in one property tells apart.
struct FastSwitch {
  std::string property;
  KeyTable texts;
  FastList branches;  // by index of the text
};

struct FastCombined {
  FastList all_of;
  FastList any_of;
  FastList settled_any_of;  // in its place where one branch takes everything
  FastList one_of;
  std::unique_ptr<const FastSwitch> any_switch;
  std::unique_ptr<const FastSwitch> one_switch;
  bool has_negated = false;
  const FastSchema* negated = nullptr;
  bool has_condition = false;
  const FastSchema* condition = nullptr;
  const FastSchema* consequence = nullptr;
  const FastSchema* alternative = nullptr;
  std::optional<Draft> metaschema;
};

struct FastSchema {
  uint8_t types = 255;
  const FastNumbers* numbers = nullptr;
  const FastTexts* texts = nullptr;
  const FastArrays* arrays = nullptr;
  const FastObjects* objects = nullptr;
  const FastValues* values = nullptr;
  const FastCombined* combined = nullptr;
  const Node* exhaustive = nullptr;  // what alone decides, by the other evaluator

  // Whether the type decides.
  bool IsTypesOnly() const {
    return numbers == nullptr && texts == nullptr && arrays == nullptr && objects == nullptr &&
           values == nullptr && combined == nullptr && exhaustive == nullptr;
  }
};

struct FastProgram {
  std::deque<FastSchema> schemas;
  std::deque<FastNumbers> numbers;
  std::deque<FastTexts> texts;
  std::deque<FastArrays> arrays;
  std::deque<FastObjects> objects;
  std::deque<FastValues> values;
  std::deque<FastCombined> combined;
  const FastSchema* root = nullptr;  // null: everything is valid
};

}  // namespace nexus::schema
