#include "schema/json/node_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "schema/json/classified_fields.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"
#include "schema/json/schema_fault.h"

namespace nexus::schema {
namespace {

// Above this many names or values a table is faster than a scan.
constexpr size_t kScanMax = 8;

// Reads the keywords of one schema object.
class NodeBuilder {
 public:
  NodeBuilder(JsonElement schema, const Dialect& dialect, ChildLookup child, PatternCache& patterns,
              Node& node)
      : schema_(schema),
        dialect_(dialect),
        draft_(dialect.draft),
        child_(child),
        patterns_(patterns),
        node_(node) {}

  absl::Status Build() {
    if (dialect_.validates) {
      BuildTypes();
      BuildConstants();
      BuildNumber();
    }
    NEXUS_RETURN_IF_ERROR(BuildText());
    BuildArray();
    NEXUS_RETURN_IF_ERROR(BuildObject());
    BuildInPlace();
    if (Since(Draft::k2019_09)) {
      node_.unevaluated_items = ChildOf("unevaluatedItems");
      node_.unevaluated_properties = ChildOf("unevaluatedProperties");
    }
    return absl::OkStatus();
  }

 private:
  bool Since(Draft first) const { return IsSince(draft_, first); }

  bool Get(std::string_view keyword, JsonElement* value) const {
    return !schema_.at_key(keyword).get(*value);
  }
  bool Has(std::string_view keyword) const {
    JsonElement value;
    return Get(keyword, &value);
  }
  std::optional<Number> GetNumber(std::string_view keyword) const {
    JsonElement value;
    if (!dialect_.validates || !Get(keyword, &value)) return std::nullopt;
    return NumberOf(value);
  }
  bool GetBool(std::string_view keyword) const {
    JsonElement value;
    return dialect_.validates && Get(keyword, &value) && value.get_bool().value_unsafe();
  }
  std::optional<uint64_t> GetCount(std::string_view keyword) const {
    const std::optional<Number> number = GetNumber(keyword);
    if (!number) return std::nullopt;
    return ToCount(*number);
  }
  const Node* ChildOf(absl::string_view keyword) const {
    return child_(absl::StrCat("/", keyword));
  }
  NodeList ChildrenOf(absl::string_view keyword) const {
    NodeList children;
    JsonElement value;
    if (!Get(std::string_view(keyword.data(), keyword.size()), &value) || !value.is_array()) {
      return children;
    }
    const size_t count = ItemsOf(value).size();
    for (size_t i = 0; i < count; ++i)
      children.push_back(child_(absl::StrCat("/", keyword, "/", i)));
    return children;
  }
  const Node* MemberOf(absl::string_view keyword, std::string_view name) const {
    std::string pointer = absl::StrCat("/", keyword);
    AppendPointerToken(pointer, name);
    return child_(pointer);
  }

  static uint8_t TypeBits(std::string_view name) {
    if (name == "null") return kNullBit;
    if (name == "boolean") return kBooleanBit;
    if (name == "integer") return kIntegerBit;
    if (name == "number") return kNumberBit;
    if (name == "string") return kStringBit;
    if (name == "array") return kArrayBit;
    return kObjectBit;
  }

  void BuildTypes() {
    JsonElement type;
    if (!Get("type", &type)) return;
    if (type.is_string()) node_.types = TypeBits(type.get_string().value_unsafe());
    if (type.is_array()) {
      for (const JsonElement name : ItemsOf(type)) {
        node_.types |= TypeBits(name.get_string().value_unsafe());
      }
    }
    node_.written_integer =
        draft_ == Draft::k4 && (node_.types & (kIntegerBit | kNumberBit)) == kIntegerBit;
  }

  void BuildConstants() {
    JsonElement value;
    if (Since(Draft::k6) && Get("const", &value)) node_.constant = value;
    if (!Get("enum", &value)) return;
    node_.has_enum = true;
    for (const JsonElement item : ItemsOf(value)) {
      node_.enumeration.push_back(item);
    }
    if (node_.enumeration.size() <= kScanMax) return;
    for (const JsonElement item : node_.enumeration) node_.enum_hashes.insert(HashJson(item));
  }

  void BuildNumber() {
    NumberRules rules;
    rules.minimum = GetNumber("minimum");
    rules.maximum = GetNumber("maximum");
    if (Since(Draft::k6)) {
      rules.above = GetNumber("exclusiveMinimum");
      rules.below = GetNumber("exclusiveMaximum");
    } else {
      // Draft 4 turns the bound itself into an exclusive one.
      if (GetBool("exclusiveMinimum")) rules.above.swap(rules.minimum);
      if (GetBool("exclusiveMaximum")) rules.below.swap(rules.maximum);
    }
    rules.step = GetNumber("multipleOf");
    if (rules.minimum || rules.maximum || rules.above || rules.below || rules.step) {
      node_.number = std::make_unique<const NumberRules>(rules);
    }
  }

  absl::Status BuildText() {
    StringRules rules;
    rules.length_min = GetCount("minLength");
    rules.length_max = GetCount("maxLength");
    JsonElement pattern;
    if (dialect_.validates && Get("pattern", &pattern)) {
      rules.pattern_text = std::string(pattern.get_string().value_unsafe());
      NEXUS_ASSIGN_OR_RETURN(
          rules.pattern,
          patterns_.Get(rules.pattern_text, absl::StrCat(node_.location, "/pattern"), "pattern"));
    }
    std::string_view format;
    if (dialect_.asserts_formats && !schema_.at_key("format").get(format)) {
      rules.format = FindFormat(format);
    }
    if (rules.length_min || rules.length_max || rules.pattern || rules.format != nullptr) {
      node_.text = std::make_unique<const StringRules>(std::move(rules));
    }
    return absl::OkStatus();
  }

  void BuildArray() {
    ArrayRules rules;
    JsonElement items;
    if (Since(Draft::k2019_09)) {
      rules.contains_min = GetCount("minContains").value_or(1);
      rules.contains_max = GetCount("maxContains");
    }
    if (Since(Draft::k2020_12)) {
      rules.prefix = ChildrenOf("prefixItems");
      rules.rest = ChildOf("items");
      rules.contains_evaluates = true;
    } else if (Get("items", &items) && items.is_array()) {
      rules.prefix = ChildrenOf("items");
      rules.rest = ChildOf("additionalItems");
    } else {
      rules.rest = ChildOf("items");
    }
    rules.contains = ChildOf("contains");
    rules.count_min = GetCount("minItems");
    rules.count_max = GetCount("maxItems");
    rules.unique = GetBool("uniqueItems");
    if (!rules.prefix.empty() || rules.rest != nullptr || rules.contains != nullptr ||
        rules.count_min || rules.count_max || rules.unique) {
      node_.array = std::make_unique<const ArrayRules>(std::move(rules));
    }
  }

  absl::Status BuildObject() {
    ObjectRules rules;
    BuildSlots(rules);
    NEXUS_RETURN_IF_ERROR(BuildPatternProperties(rules));
    rules.additional = ChildOf("additionalProperties");
    rules.names = ChildOf("propertyNames");
    rules.count_min = GetCount("minProperties");
    rules.count_max = GetCount("maxProperties");
    if (Since(Draft::k2019_09)) {
      if (dialect_.validates) BuildDependencies("dependentRequired", rules);
      BuildDependencies("dependentSchemas", rules);
    }
    BuildDependencies("dependencies", rules);
    if (!rules.slots.empty() || !rules.patterns.empty() || rules.additional != nullptr ||
        rules.names != nullptr || rules.count_min || rules.count_max ||
        !rules.dependencies.empty()) {
      node_.object = std::make_unique<const ObjectRules>(std::move(rules));
    }
    return absl::OkStatus();
  }

  void BuildSlots(ObjectRules& rules) {
    absl::flat_hash_map<std::string, size_t> slot_of;
    const auto slot = [&](std::string_view name) -> ObjectRules::Slot& {
      const auto [at, is_new] = slot_of.emplace(std::string(name), rules.slots.size());
      if (is_new) rules.slots.push_back({std::string(name), nullptr, false});
      return rules.slots[at->second];
    };
    JsonElement value;
    if (Get("properties", &value)) {
      for (const auto field : MembersOf(value)) {
        slot(field.key).property = MemberOf("properties", field.key);
      }
    }
    if (dialect_.validates && Get("required", &value)) {
      for (const JsonElement name : ItemsOf(value)) {
        slot(name.get_string().value_unsafe()).required = true;
      }
    }
    if (rules.slots.size() > kScanMax) rules.slot_of = std::move(slot_of);
  }

  absl::Status BuildPatternProperties(ObjectRules& rules) {
    JsonElement value;
    if (!Get("patternProperties", &value)) return absl::OkStatus();
    for (const auto field : MembersOf(value)) {
      std::string location = absl::StrCat(node_.location, "/patternProperties");
      AppendPointerToken(location, std::string_view(field.key));
      NEXUS_ASSIGN_OR_RETURN(auto pattern, patterns_.Get(field.key, location, "patternProperties"));
      rules.patterns.emplace_back(std::move(pattern), MemberOf("patternProperties", field.key));
    }
    return absl::OkStatus();
  }

  void BuildDependencies(absl::string_view keyword, ObjectRules& rules) {
    JsonElement value;
    if (!Get(std::string_view(keyword.data(), keyword.size()), &value)) return;
    for (const auto field : MembersOf(value)) {
      ObjectRules::Dependency dependency{std::string(field.key), keyword, {}, nullptr};
      if (field.value.is_array()) {
        for (const JsonElement name : ItemsOf(field.value)) {
          dependency.required.emplace_back(name.get_string().value_unsafe());
        }
      } else {
        dependency.schema = MemberOf(keyword, field.key);
      }
      rules.dependencies.push_back(std::move(dependency));
    }
  }

  void BuildInPlace() {
    InPlaceRules rules;
    rules.all_of = ChildrenOf("allOf");
    rules.any_of = ChildrenOf("anyOf");
    rules.one_of = ChildrenOf("oneOf");
    rules.negated = ChildOf("not");
    rules.condition = ChildOf("if");
    if (rules.condition != nullptr) {
      rules.consequence = ChildOf("then");
      rules.alternative = ChildOf("else");
    }
    if (!rules.all_of.empty() || !rules.any_of.empty() || !rules.one_of.empty() ||
        rules.negated != nullptr || rules.condition != nullptr || Has("$ref") ||
        (Since(Draft::k2019_09) && Has("$recursiveRef")) ||
        (Since(Draft::k2020_12) && Has("$dynamicRef"))) {
      node_.in_place = std::make_unique<InPlaceRules>(std::move(rules));
    }
  }

  const JsonElement schema_;
  const Dialect& dialect_;
  const Draft draft_;
  const ChildLookup child_;
  PatternCache& patterns_;
  Node& node_;
};

}  // namespace

absl::StatusOr<std::shared_ptr<const Pattern>> PatternCache::Get(std::string_view source,
                                                                 const std::string& location,
                                                                 absl::string_view keyword) {
  const auto [at, is_new] = patterns_.try_emplace(std::string(source));
  if (!is_new) return at->second;
  if (patterns_.size() > patterns_max_) {
    return SchemaInvalid({location, std::string(keyword),
                          absl::StrCat("at most ", patterns_max_, " different patterns"), "more"});
  }
  absl::StatusOr<std::shared_ptr<const Pattern>> pattern =
      Pattern::Compile(absl::string_view(source.data(), source.size()));
  if (!pattern.ok()) {
    return SchemaInvalid(
        {location, std::string(keyword), "a regular expression that RE2 accepts",
         absl::StrCat(DescribeText(source), " (", pattern.status().message(), ")")});
  }
  at->second = *pattern;
  return at->second;
}

absl::Status BuildNode(JsonElement schema, const Dialect& dialect, ChildLookup child,
                       PatternCache& patterns, Node& node) {
  // Also beside a "$ref" that hides what else stands there: who wrote it meant it.
  NEXUS_ASSIGN_OR_RETURN(FieldClass found, ReadFieldClass(schema, node.location));
  if (!found.empty()) node.field_class = std::make_unique<const FieldClass>(std::move(found));
  std::string_view ref;
  if (RefHidesSiblings(dialect.draft) && !schema.at_key("$ref").get(ref)) {
    node.in_place = std::make_unique<InPlaceRules>();
    return absl::OkStatus();
  }
  return NodeBuilder(schema, dialect, child, patterns, node).Build();
}

}  // namespace nexus::schema
