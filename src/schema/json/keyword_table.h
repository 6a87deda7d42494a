#pragma once

// Which draft has which keyword, and what its value has to look like.

#include <cstdint>

#include "absl/strings/string_view.h"
#include "schema/json/draft.h"

namespace nexus::schema {

// Those from kSchema to kDependencies hold subschemas.
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
  kSomeStrings,
  kTypes,
  kSchema,
  kSchemaOrBoolean,
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

  constexpr bool IsOf(Draft draft) const { return (drafts & static_cast<uint8_t>(draft)) != 0; }
};

namespace drafts {

inline constexpr uint8_t k4 = static_cast<uint8_t>(Draft::k4);
inline constexpr uint8_t k2020 = static_cast<uint8_t>(Draft::k2020_12);
inline constexpr uint8_t kAll = 31;
inline constexpr uint8_t kFrom6 = kAll & ~k4;
inline constexpr uint8_t kFrom7 = kFrom6 & ~static_cast<uint8_t>(Draft::k6);
inline constexpr uint8_t k2019 = static_cast<uint8_t>(Draft::k2019_09);
inline constexpr uint8_t kFrom2019 = k2019 | k2020;
inline constexpr uint8_t kTo2019 = kAll & ~k2020;
inline constexpr uint8_t k6And7 = kFrom6 & ~kFrom2019;

}  // namespace drafts

inline constexpr KeywordRow kKeywords[] = {
    {"$schema", Form::kString, drafts::kAll},
    {"id", Form::kString, drafts::k4},
    {"$id", Form::kString, drafts::k6And7},
    {"$id", Form::kIdentifier, drafts::kFrom2019},
    {"$ref", Form::kString, drafts::kAll},
    {"$recursiveRef", Form::kString, drafts::k2019},
    {"$recursiveAnchor", Form::kBoolean, drafts::k2019},
    {"$dynamicRef", Form::kString, drafts::k2020},
    {"$anchor", Form::kName, drafts::kFrom2019},
    {"$dynamicAnchor", Form::kName, drafts::k2020},
    {"$vocabulary", Form::kBooleanMap, drafts::kFrom2019},
    {"$comment", Form::kString, drafts::kFrom7},
    {"$defs", Form::kSchemaMap, drafts::kFrom2019},
    {"definitions", Form::kSchemaMap, drafts::kAll},
    {"title", Form::kString, drafts::kAll},
    {"description", Form::kString, drafts::kAll},
    {"readOnly", Form::kBoolean, drafts::kFrom7},
    {"writeOnly", Form::kBoolean, drafts::kFrom7},
    {"deprecated", Form::kBoolean, drafts::kFrom2019},
    {"examples", Form::kAnyArray, drafts::kFrom6},
    {"format", Form::kString, drafts::kAll},
    {"contentMediaType", Form::kString, drafts::kFrom7},
    {"contentEncoding", Form::kString, drafts::kFrom7},
    {"contentSchema", Form::kSchema, drafts::kFrom2019},
    {"type", Form::kTypes, drafts::kAll},
    {"enum", Form::kAnyArray, drafts::kAll},
    {"multipleOf", Form::kPositive, drafts::kAll},
    {"minimum", Form::kNumber, drafts::kAll},
    {"maximum", Form::kNumber, drafts::kAll},
    {"exclusiveMinimum", Form::kBoolean, drafts::k4},
    {"exclusiveMaximum", Form::kBoolean, drafts::k4},
    {"exclusiveMinimum", Form::kNumber, drafts::kFrom6},
    {"exclusiveMaximum", Form::kNumber, drafts::kFrom6},
    {"minLength", Form::kCount, drafts::kAll},
    {"maxLength", Form::kCount, drafts::kAll},
    {"pattern", Form::kString, drafts::kAll},
    {"minItems", Form::kCount, drafts::kAll},
    {"maxItems", Form::kCount, drafts::kAll},
    {"uniqueItems", Form::kBoolean, drafts::kAll},
    {"minContains", Form::kCount, drafts::kFrom2019},
    {"maxContains", Form::kCount, drafts::kFrom2019},
    {"minProperties", Form::kCount, drafts::kAll},
    {"maxProperties", Form::kCount, drafts::kAll},
    {"required", Form::kSomeStrings, drafts::k4},
    {"required", Form::kStrings, drafts::kFrom6},
    {"dependentRequired", Form::kStringsMap, drafts::kFrom2019},
    {"dependentSchemas", Form::kSchemaMap, drafts::kFrom2019},
    {"dependencies", Form::kDependencies, drafts::kAll},
    {"properties", Form::kSchemaMap, drafts::kAll},
    {"patternProperties", Form::kSchemaMap, drafts::kAll},
    {"additionalProperties", Form::kSchemaOrBoolean, drafts::kAll},
    {"unevaluatedProperties", Form::kSchema, drafts::kFrom2019},
    {"propertyNames", Form::kSchema, drafts::kFrom6},
    {"prefixItems", Form::kSchemas, drafts::k2020},
    {"items", Form::kItems, drafts::kTo2019},
    {"items", Form::kSchema, drafts::k2020},
    {"additionalItems", Form::kSchemaOrBoolean, drafts::kTo2019},
    {"unevaluatedItems", Form::kSchema, drafts::kFrom2019},
    {"contains", Form::kSchema, drafts::kFrom6},
    {"allOf", Form::kSchemas, drafts::kAll},
    {"anyOf", Form::kSchemas, drafts::kAll},
    {"oneOf", Form::kSchemas, drafts::kAll},
    {"not", Form::kSchema, drafts::kAll},
    {"if", Form::kSchema, drafts::kFrom7},
    {"then", Form::kSchema, drafts::kFrom7},
    {"else", Form::kSchema, drafts::kFrom7},
};

}  // namespace nexus::schema
