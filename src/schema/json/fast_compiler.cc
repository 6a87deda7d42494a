#include "schema/json/fast_compiler.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "schema/json/fast_switch.h"
#include "schema/json/instance.h"
#include "schema/json/json_compare.h"

namespace nexus::schema {
namespace {

uint8_t TypesOf(const Node& node) {
  if (node.types == 0) return 255;
  const bool whole = (node.types & kIntegerBit) != 0 && !node.written_integer;
  return whole ? node.types | kWholeDoubleBit : node.types;
}

// The types that an element may have to be one of `values`.
uint8_t TypesOf(const std::vector<JsonElement>& values) {
  uint8_t types = 0;
  for (const JsonElement value : values) types |= Instance::Of(value).types;
  // 3 and 3.0 are one value.
  if ((types & kNumberBit) != 0) types |= kIntegerBit | kWholeDoubleBit;
  return types;
}

class FastCompiler {
 public:
  std::unique_ptr<const FastProgram> Run(const SchemaProgram& program) {
    fast_->root = Use(program.root);
    // Each schema is filled after it has been named, so that schemas may name each other.
    while (!waiting_.empty()) {
      const auto [node, schema] = waiting_.back();
      waiting_.pop_back();
      Fill(*node, *schema);
    }
    // Only now is it known which need no more than a look at the type.
    for (FastObjects& objects : fast_->objects) Simplify(objects);
    for (const auto& [node, combined] : alternatives_) {
      combined->any_switch = MakeSwitch(node->in_place->any_of, combined->any_of);
      combined->one_switch = MakeSwitch(node->in_place->one_of, combined->one_of);
    }
    return std::move(fast_);
  }

 private:
  // Null for a schema that takes everything.
  FastSchema* Use(const Node* node) {
    if (node == nullptr) return nullptr;
    node = &Followed(*node);
    if (node->kind == Node::Kind::kAlways) return nullptr;
    const auto [at, is_new] = known_.try_emplace(node);
    if (is_new) {
      at->second = &fast_->schemas.emplace_back();
      waiting_.emplace_back(node, at->second);
    }
    return at->second;
  }
  FastList Use(const NodeList& nodes) {
    FastList list;
    for (const Node* node : nodes) list.push_back(Use(node));
    return list;
  }

  void Fill(const Node& node, FastSchema& schema) {
    if (node.kind == Node::Kind::kNever) {
      schema.types = 0;
      return;
    }
    schema.types = TypesOf(node);
    if (node.unevaluated_items != nullptr || node.unevaluated_properties != nullptr) {
      schema.exhaustive = &node;
      return;
    }
    if (node.number != nullptr) FillNumbers(*node.number, schema);
    if (node.text != nullptr) FillTexts(*node.text, schema);
    if (node.array != nullptr) FillArrays(*node.array, schema);
    if (node.object != nullptr) FillObjects(*node.object, schema);
    if (node.constant || node.has_enum) FillValues(node, schema);
    if (node.in_place != nullptr) FillCombined(node, schema);
  }

  void FillNumbers(const NumberRules& rules, FastSchema& schema) {
    FastNumbers& numbers = fast_->numbers.emplace_back();
    numbers.rules = &rules;
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    const auto raise = [&](const Number& bound, bool exclusive) {
      const double least = DoubleOf(bound, numbers);
      numbers.double_min =
          std::max(numbers.double_min, exclusive ? std::nextafter(least, kInfinity) : least);
      numbers.int_min = std::max(numbers.int_min, LeastIntFrom(bound, exclusive, numbers));
    };
    if (rules.minimum) raise(*rules.minimum, false);
    if (rules.above) raise(*rules.above, true);
    const auto lower = [&](const Number& bound, bool exclusive) {
      const double greatest = DoubleOf(bound, numbers);
      numbers.double_max =
          std::min(numbers.double_max, exclusive ? std::nextafter(greatest, -kInfinity) : greatest);
      numbers.int_max = std::min(numbers.int_max, GreatestIntTo(bound, exclusive, numbers));
    };
    if (rules.maximum) lower(*rules.maximum, false);
    if (rules.below) lower(*rules.below, true);
    if (rules.step) {
      if (rules.step->kind == Number::Kind::kInt) {
        numbers.int_step = rules.step->i;
      } else {
        numbers.step_is_odd = true;
      }
    }
    schema.numbers = &numbers;
  }

  static double DoubleOf(const Number& bound, FastNumbers& numbers) {
    if (bound.kind == Number::Kind::kDouble) return bound.d;
    constexpr int64_t kExact = int64_t{1} << 53;
    const bool exact = bound.kind == Number::Kind::kInt && bound.i >= -kExact && bound.i <= kExact;
    numbers.bounds_are_doubles = numbers.bounds_are_doubles && exact;
    return exact ? static_cast<double>(bound.i) : 0;
  }

  // No int64 at all is within.
  static int64_t Close(FastNumbers& numbers) {
    numbers.int_max = INT64_MIN;
    return INT64_MAX;
  }
  static int64_t LeastIntFrom(const Number& bound, bool exclusive, FastNumbers& numbers) {
    if (bound.kind == Number::Kind::kUint) return Close(numbers);
    if (bound.kind == Number::Kind::kInt) {
      if (!exclusive) return bound.i;
      return bound.i == INT64_MAX ? Close(numbers) : bound.i + 1;
    }
    const double least = exclusive ? std::floor(bound.d) + 1 : std::ceil(bound.d);
    if (least >= 0x1p63) return Close(numbers);
    if (least < -0x1p63) return INT64_MIN;
    const auto whole = static_cast<int64_t>(least);
    // Beyond 2^53 adding one may have changed nothing.
    return exclusive && least <= bound.d ? whole + 1 : whole;
  }
  static int64_t GreatestIntTo(const Number& bound, bool exclusive, FastNumbers& numbers) {
    const auto close = [&numbers] {
      numbers.int_min = INT64_MAX;
      return INT64_MIN;
    };
    if (bound.kind == Number::Kind::kUint) return INT64_MAX;
    if (bound.kind == Number::Kind::kInt) {
      if (!exclusive) return bound.i;
      return bound.i == INT64_MIN ? close() : bound.i - 1;
    }
    const double greatest = exclusive ? std::ceil(bound.d) - 1 : std::floor(bound.d);
    if (greatest < -0x1p63) return close();
    if (greatest >= 0x1p63) return INT64_MAX;
    const auto whole = static_cast<int64_t>(greatest);
    if (!exclusive || greatest < bound.d) return whole;
    return whole == INT64_MIN ? close() : whole - 1;
  }

  void FillTexts(const StringRules& rules, FastSchema& schema) {
    FastTexts& texts = fast_->texts.emplace_back();
    texts.length_min = rules.length_min.value_or(0);
    texts.length_max = rules.length_max.value_or(UINT64_MAX);
    texts.pattern = rules.pattern.get();
    texts.format = rules.format;
    schema.texts = &texts;
  }

  void FillArrays(const ArrayRules& rules, FastSchema& schema) {
    FastArrays& arrays = fast_->arrays.emplace_back();
    arrays.prefix = Use(rules.prefix);
    arrays.rest = Use(rules.rest);
    arrays.has_items = !arrays.prefix.empty() || arrays.rest != nullptr;
    arrays.count_min = rules.count_min.value_or(0);
    arrays.count_max = rules.count_max.value_or(UINT64_MAX);
    arrays.has_contains = rules.contains != nullptr;
    arrays.contains = Use(rules.contains);
    arrays.contains_min = rules.contains_min;
    arrays.contains_max = rules.contains_max.value_or(UINT64_MAX);
    arrays.unique = rules.unique;
    schema.arrays = &arrays;
  }

  void FillObjects(const ObjectRules& rules, FastSchema& schema) {
    FastObjects& objects = fast_->objects.emplace_back();
    std::vector<std::string> names;
    for (const ObjectRules::Slot& slot : rules.slots) {
      names.push_back(slot.name);
      objects.members.push_back({Use(slot.property), 255, slot.property != nullptr, slot.required});
      objects.required += slot.required ? 1 : 0;
    }
    objects.names = KeyTable(std::move(names));
    for (const auto& [pattern, child] : rules.patterns) {
      objects.patterns.emplace_back(pattern.get(), Use(child));
    }
    objects.additional = Use(rules.additional);
    objects.has_additional = objects.additional != nullptr;
    objects.property_names = Use(rules.names);
    objects.count_min = rules.count_min.value_or(0);
    objects.count_max = rules.count_max.value_or(UINT64_MAX);
    for (const ObjectRules::Dependency& dependency : rules.dependencies) {
      objects.dependencies.push_back(
          {dependency.trigger, dependency.required, Use(dependency.schema)});
    }
    objects.only_counts = objects.members.empty() && objects.patterns.empty() &&
                          !objects.has_additional && objects.property_names == nullptr;
    objects.rules = &rules;
    objects.declares_members = rules.DeclaresMembers();
    schema.objects = &objects;
  }

  static void Simplify(FastObjects& objects) {
    for (FastObjects::Member& member : objects.members) {
      if (member.schema == nullptr) continue;
      member.types = member.schema->types;
      if (member.schema->IsTypesOnly()) member.schema = nullptr;
    }
  }

  void FillValues(const Node& node, FastSchema& schema) {
    FastValues& values = fast_->values.emplace_back();
    schema.values = &values;
    if (node.constant) {
      values.constant = node.constant;
      schema.types &= TypesOf(std::vector<JsonElement>{*node.constant});
      if (node.constant->is_string()) {
        values.text = std::string(node.constant->get_string().value_unsafe());
      }
    }
    values.has_enum = node.has_enum;
    if (!node.has_enum) return;
    schema.types &= TypesOf(node.enumeration);
    if (!node.enum_hashes.empty()) values.hashes = &node.enum_hashes;
    std::vector<std::string> texts;
    for (const JsonElement value : node.enumeration) {
      if (!value.is_string()) {
        values.others.push_back(value);
        continue;
      }
      std::string text(value.get_string().value_unsafe());
      if (std::find(texts.begin(), texts.end(), text) == texts.end()) {
        texts.push_back(std::move(text));
      }
    }
    values.texts = KeyTable(std::move(texts));
  }

  void FillCombined(const Node& node, FastSchema& schema) {
    const InPlaceRules& rules = *node.in_place;
    FastCombined& combined = fast_->combined.emplace_back();
    combined.all_of = Use(rules.all_of);
    for (const Node* ref : {rules.ref, rules.dynamic_ref}) {
      if (ref != nullptr) combined.all_of.push_back(Use(ref));
    }
    combined.any_of = Use(rules.any_of);
    combined.one_of = Use(rules.one_of);
    combined.has_negated = rules.negated != nullptr;
    combined.negated = Use(rules.negated);
    combined.has_condition = rules.condition != nullptr;
    combined.condition = Use(rules.condition);
    combined.consequence = Use(rules.consequence);
    combined.alternative = Use(rules.alternative);
    combined.metaschema = rules.metaschema;
    std::erase(combined.all_of, nullptr);
    // One branch that takes everything settles it.
    if (std::count(combined.any_of.begin(), combined.any_of.end(), nullptr) > 0) {
      combined.settled_any_of = std::exchange(combined.any_of, {});
    }
    alternatives_.emplace_back(&node, &combined);
    schema.combined = &combined;
  }

  std::unique_ptr<FastProgram> fast_ = std::make_unique<FastProgram>();
  absl::flat_hash_map<const Node*, FastSchema*> known_;
  std::vector<std::pair<const Node*, FastSchema*>> waiting_;
  std::vector<std::pair<const Node*, FastCombined*>> alternatives_;
};

}  // namespace

std::unique_ptr<const FastProgram> CompileFast(const SchemaProgram& program) {
  if (program.has_dynamic_refs) return nullptr;
  return FastCompiler().Run(program);
}

}  // namespace nexus::schema
