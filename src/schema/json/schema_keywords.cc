#include "schema/json/schema_keywords.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"

namespace nexus::schema {
namespace {

enum class Form : uint8_t {
  kAnyArray,
  kBoolean,
  kString,
  kNumber,
  kPositive,
  kCount,
  kName,
  kIdentifier,
  kStrings,
  kTypes,
  kSchema,
  kSchemas,
  kSchemaMap,
  kItems,
  kDependencies,
  kStringsMap,
  kBooleanMap,
};

struct KeywordRow {
  absl::string_view name;
  Form form;
  uint8_t drafts;
};

constexpr uint8_t k7 = static_cast<uint8_t>(Draft::k7);
constexpr uint8_t k2020 = static_cast<uint8_t>(Draft::k2020_12);
constexpr uint8_t kBoth = k7 | k2020;

constexpr KeywordRow kKeywords[] = {
    {"$schema", Form::kString, kBoth},
    {"$id", Form::kString, k7},
    {"$id", Form::kIdentifier, k2020},
    {"$ref", Form::kString, kBoth},
    {"$dynamicRef", Form::kString, k2020},
    {"$anchor", Form::kName, k2020},
    {"$dynamicAnchor", Form::kName, k2020},
    {"$vocabulary", Form::kBooleanMap, k2020},
    {"$comment", Form::kString, kBoth},
    {"$defs", Form::kSchemaMap, k2020},
    {"definitions", Form::kSchemaMap, kBoth},
    {"title", Form::kString, kBoth},
    {"description", Form::kString, kBoth},
    {"readOnly", Form::kBoolean, kBoth},
    {"writeOnly", Form::kBoolean, kBoth},
    {"deprecated", Form::kBoolean, k2020},
    {"examples", Form::kAnyArray, kBoth},
    {"format", Form::kString, kBoth},
    {"contentMediaType", Form::kString, kBoth},
    {"contentEncoding", Form::kString, kBoth},
    {"contentSchema", Form::kSchema, k2020},
    {"type", Form::kTypes, kBoth},
    {"enum", Form::kAnyArray, kBoth},
    {"multipleOf", Form::kPositive, kBoth},
    {"minimum", Form::kNumber, kBoth},
    {"maximum", Form::kNumber, kBoth},
    {"exclusiveMinimum", Form::kNumber, kBoth},
    {"exclusiveMaximum", Form::kNumber, kBoth},
    {"minLength", Form::kCount, kBoth},
    {"maxLength", Form::kCount, kBoth},
    {"pattern", Form::kString, kBoth},
    {"minItems", Form::kCount, kBoth},
    {"maxItems", Form::kCount, kBoth},
    {"uniqueItems", Form::kBoolean, kBoth},
    {"minContains", Form::kCount, k2020},
    {"maxContains", Form::kCount, k2020},
    {"minProperties", Form::kCount, kBoth},
    {"maxProperties", Form::kCount, kBoth},
    {"required", Form::kStrings, kBoth},
    {"dependentRequired", Form::kStringsMap, k2020},
    {"dependentSchemas", Form::kSchemaMap, k2020},
    {"dependencies", Form::kDependencies, kBoth},
    {"properties", Form::kSchemaMap, kBoth},
    {"patternProperties", Form::kSchemaMap, kBoth},
    {"additionalProperties", Form::kSchema, kBoth},
    {"unevaluatedProperties", Form::kSchema, k2020},
    {"propertyNames", Form::kSchema, kBoth},
    {"prefixItems", Form::kSchemas, k2020},
    {"items", Form::kItems, k7},
    {"items", Form::kSchema, k2020},
    {"additionalItems", Form::kSchema, k7},
    {"unevaluatedItems", Form::kSchema, k2020},
    {"contains", Form::kSchema, kBoth},
    {"allOf", Form::kSchemas, kBoth},
    {"anyOf", Form::kSchemas, kBoth},
    {"oneOf", Form::kSchemas, kBoth},
    {"not", Form::kSchema, kBoth},
    {"if", Form::kSchema, kBoth},
    {"then", Form::kSchema, kBoth},
    {"else", Form::kSchema, kBoth},
};

constexpr absl::string_view kTypeNames[] = {"null",   "boolean", "integer", "number",
                                            "string", "array",   "object"};

bool IsSchemaLike(JsonElement e) { return e.is_object() || e.is_bool(); }

bool AreDistinctStrings(JsonElement e) {
  if (!e.is_array()) return false;
  absl::flat_hash_set<std::string_view> seen;
  for (const JsonElement item : ItemsOf(e)) {
    if (!item.is_string() || !seen.insert(item.get_string().value_unsafe()).second) return false;
  }
  return true;
}

bool IsTypeName(JsonElement e) {
  if (!e.is_string()) return false;
  const std::string_view name = e.get_string().value_unsafe();
  return std::any_of(std::begin(kTypeNames), std::end(kTypeNames), [&](absl::string_view known) {
    return known == absl::string_view(name.data(), name.size());
  });
}

bool AreTypes(JsonElement e) {
  if (!e.is_array()) return IsTypeName(e);
  if (!AreDistinctStrings(e) || ItemsOf(e).size() == 0) return false;
  for (const JsonElement item : ItemsOf(e)) {
    if (!IsTypeName(item)) return false;
  }
  return true;
}

bool IsCount(JsonElement e) {
  if (!e.is_number()) return false;
  const Number n = NumberOf(e);
  return IsWhole(n) && CompareNumbers(n, Number::Int(0)) >= 0;
}

bool IsName(JsonElement e) {
  if (!e.is_string()) return false;
  const std::string_view name = e.get_string().value_unsafe();
  if (name.empty() || !(std::isalpha(static_cast<unsigned char>(name[0])) || name[0] == '_')) {
    return false;
  }
  return std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  });
}

bool IsIdentifier(JsonElement e) {
  if (!e.is_string()) return false;
  const std::string_view id = e.get_string().value_unsafe();
  const size_t hash = id.find('#');
  return hash == std::string_view::npos || hash + 1 == id.size();
}

bool AreSchemas(JsonElement e) {
  if (!e.is_array() || ItemsOf(e).size() == 0) return false;
  for (const JsonElement item : ItemsOf(e)) {
    if (!IsSchemaLike(item)) return false;
  }
  return true;
}

template <typename Check>
bool EachMember(JsonElement e, Check check) {
  if (!e.is_object()) return false;
  for (const auto field : MembersOf(e)) {
    if (!check(field.value)) return false;
  }
  return true;
}

bool HasForm(JsonElement e, Form form) {
  switch (form) {
    case Form::kAnyArray:
      return e.is_array();
    case Form::kBoolean:
      return e.is_bool();
    case Form::kString:
      return e.is_string();
    case Form::kNumber:
      return e.is_number();
    case Form::kPositive:
      return e.is_number() && CompareNumbers(NumberOf(e), Number::Int(0)) > 0;
    case Form::kCount:
      return IsCount(e);
    case Form::kName:
      return IsName(e);
    case Form::kIdentifier:
      return IsIdentifier(e);
    case Form::kStrings:
      return AreDistinctStrings(e);
    case Form::kTypes:
      return AreTypes(e);
    case Form::kSchema:
      return IsSchemaLike(e);
    case Form::kSchemas:
      return AreSchemas(e);
    case Form::kItems:
      return IsSchemaLike(e) || AreSchemas(e);
    case Form::kSchemaMap:
      return EachMember(e, IsSchemaLike);
    case Form::kDependencies:
      return EachMember(e, [](JsonElement v) { return IsSchemaLike(v) || AreDistinctStrings(v); });
    case Form::kStringsMap:
      return EachMember(e, AreDistinctStrings);
    case Form::kBooleanMap:
      return EachMember(e, [](JsonElement v) { return v.is_bool(); });
  }
  return false;
}

absl::string_view Describe(Form form) {
  switch (form) {
    case Form::kAnyArray:
      return "an array";
    case Form::kBoolean:
      return "a boolean";
    case Form::kString:
      return "a string";
    case Form::kNumber:
      return "a number";
    case Form::kPositive:
      return "a number above 0";
    case Form::kCount:
      return "a whole number, 0 or more";
    case Form::kName:
      return "a plain name (letters, digits, '_', '-', '.')";
    case Form::kIdentifier:
      return "a URI without a fragment";
    case Form::kStrings:
      return "an array of distinct strings";
    case Form::kTypes:
      return "a type name or an array of distinct type names";
    case Form::kSchema:
      return "a schema (an object or a boolean)";
    case Form::kSchemas:
      return "an array of at least one schema";
    case Form::kSchemaMap:
      return "an object whose values are schemas";
    case Form::kItems:
      return "a schema or an array of at least one schema";
    case Form::kDependencies:
      return "an object whose values are schemas or arrays of distinct strings";
    case Form::kStringsMap:
      return "an object whose values are arrays of distinct strings";
    case Form::kBooleanMap:
      return "an object whose values are booleans";
  }
  return "something else";
}

bool Applies(const KeywordRow& row, Draft draft) {
  return (row.drafts & static_cast<uint8_t>(draft)) != 0;
}

bool GetMember(JsonElement object, absl::string_view name, JsonElement* value) {
  return !object.at_key(std::string_view(name.data(), name.size())).get(*value);
}

bool VisitArray(absl::string_view keyword, JsonElement value, SubschemaVisitor visit) {
  size_t index = 0;
  for (const JsonElement item : ItemsOf(value)) {
    if (!visit(keyword, absl::StrCat("/", keyword, "/", index), item)) return false;
    ++index;
  }
  return true;
}

bool VisitMap(absl::string_view keyword, JsonElement value, SubschemaVisitor visit) {
  for (const auto field : MembersOf(value)) {
    if (!IsSchemaLike(field.value)) continue;  // "dependencies" mixes both kinds
    std::string pointer = absl::StrCat("/", keyword);
    AppendPointerToken(pointer, std::string_view(field.key));
    if (!visit(keyword, pointer, field.value)) return false;
  }
  return true;
}

}  // namespace

std::optional<Draft> MetaschemaOf(absl::string_view uri) {
  if (uri == "https://json-schema.org/draft/2020-12/schema") return Draft::k2020_12;
  if (uri == "http://json-schema.org/draft-07/schema") return Draft::k7;
  if (uri == "https://json-schema.org/draft-07/schema") return Draft::k7;
  return std::nullopt;
}

std::optional<Draft> DraftOf(absl::string_view schema_uri) {
  return MetaschemaOf(absl::StripSuffix(schema_uri, "#"));
}

std::optional<SchemaFault> FindFormFault(JsonElement schema, Draft draft) {
  if (schema.is_bool()) return std::nullopt;
  if (!schema.is_object()) {
    return SchemaFault{"", "", std::string(Describe(Form::kSchema)), JsonTypeName(schema)};
  }
  for (const KeywordRow& row : kKeywords) {
    JsonElement value;
    if (!Applies(row, draft) || !GetMember(schema, row.name, &value)) continue;
    if (HasForm(value, row.form)) continue;
    return SchemaFault{absl::StrCat("/", row.name), std::string(row.name),
                       std::string(Describe(row.form)), DescribeJson(value)};
  }
  return std::nullopt;
}

bool ForEachSubschema(JsonElement schema, Draft draft, SubschemaVisitor visit) {
  if (!schema.is_object()) return true;
  for (const KeywordRow& row : kKeywords) {
    JsonElement value;
    if (row.form < Form::kSchema || row.form > Form::kDependencies || !Applies(row, draft) ||
        !GetMember(schema, row.name, &value) || !HasForm(value, row.form)) {
      continue;
    }
    bool go_on = true;
    if (value.is_array()) {
      go_on = VisitArray(row.name, value, visit);
    } else if (row.form == Form::kSchemaMap || row.form == Form::kDependencies) {
      go_on = VisitMap(row.name, value, visit);
    } else {
      go_on = visit(row.name, absl::StrCat("/", row.name), value);
    }
    if (!go_on) return false;
  }
  return true;
}

std::optional<SchemaFault> FindMetaschemaFault(JsonElement schema, Draft draft) {
  if (auto fault = FindFormFault(schema, draft)) return fault;
  std::optional<SchemaFault> found;
  ForEachSubschema(schema, draft,
                   [&](absl::string_view, const std::string& pointer, JsonElement child) {
                     found = FindMetaschemaFault(child, draft);
                     if (found) found->pointer.insert(0, pointer);
                     return !found;
                   });
  return found;
}

}  // namespace nexus::schema
