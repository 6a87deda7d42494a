#include "schema/json/schema_keywords.h"

#include <algorithm>
#include <cctype>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "schema/json/json_compare.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"
#include "schema/json/keyword_table.h"

namespace nexus::schema {
namespace {

constexpr absl::string_view kTypeNames[] = {"null",   "boolean", "integer", "number",
                                            "string", "array",   "object"};

bool IsSchemaLike(JsonElement e, Draft draft) {
  return e.is_object() || (e.is_bool() && draft != Draft::k4);
}

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

bool AreSchemas(JsonElement e, Draft draft) {
  if (!e.is_array() || ItemsOf(e).size() == 0) return false;
  for (const JsonElement item : ItemsOf(e)) {
    if (!IsSchemaLike(item, draft)) return false;
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

bool HasForm(JsonElement e, Form form, Draft draft) {
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
    case Form::kSomeStrings:
      return AreDistinctStrings(e) && ItemsOf(e).size() > 0;
    case Form::kTypes:
      return AreTypes(e);
    case Form::kSchema:
      return IsSchemaLike(e, draft);
    case Form::kSchemaOrBoolean:
      return e.is_object() || e.is_bool();
    case Form::kSchemas:
      return AreSchemas(e, draft);
    case Form::kItems:
      return IsSchemaLike(e, draft) || AreSchemas(e, draft);
    case Form::kSchemaMap:
      return EachMember(e, [draft](JsonElement v) { return IsSchemaLike(v, draft); });
    case Form::kDependencies:
      return EachMember(
          e, [draft](JsonElement v) { return IsSchemaLike(v, draft) || AreDistinctStrings(v); });
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
    case Form::kSomeStrings:
      return "an array of at least one string, all distinct";
    case Form::kTypes:
      return "a type name or an array of distinct type names";
    case Form::kSchema:
    case Form::kSchemaOrBoolean:
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
    if (!field.value.is_object() && !field.value.is_bool())
      continue;  // "dependencies" mixes both kinds
    std::string pointer = absl::StrCat("/", keyword);
    AppendPointerToken(pointer, std::string_view(field.key));
    if (!visit(keyword, pointer, field.value)) return false;
  }
  return true;
}

}  // namespace

std::optional<SchemaFault> FindFormFault(JsonElement schema, Draft draft) {
  if (schema.is_bool() && draft != Draft::k4) return std::nullopt;
  if (!schema.is_object()) {
    return SchemaFault{"", "", std::string(Describe(Form::kSchema)), JsonTypeName(schema)};
  }
  for (const KeywordRow& row : kKeywords) {
    JsonElement value;
    if (!row.IsOf(draft) || !GetMember(schema, row.name, &value)) continue;
    if (HasForm(value, row.form, draft)) continue;
    return SchemaFault{absl::StrCat("/", row.name), std::string(row.name),
                       std::string(Describe(row.form)), DescribeJson(value)};
  }
  return std::nullopt;
}

bool ForEachSubschema(JsonElement schema, Draft draft, SubschemaVisitor visit) {
  if (!schema.is_object()) return true;
  for (const KeywordRow& row : kKeywords) {
    JsonElement value;
    if (row.form < Form::kSchema || row.form > Form::kDependencies || !row.IsOf(draft) ||
        !GetMember(schema, row.name, &value) || !HasForm(value, row.form, draft)) {
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
                     if (child.is_bool()) return true;  // it stands where booleans may
                     found = FindMetaschemaFault(child, draft);
                     if (found) found->pointer.insert(0, pointer);
                     return !found;
                   });
  return found;
}

}  // namespace nexus::schema
