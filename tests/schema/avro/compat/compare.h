#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/avro/compat/avro_comparer.h"
#include "schema/avro/compiled_avro_schema.h"

namespace nexus::schema {

// Null if `text` is no Avro schema.
inline std::shared_ptr<const CompiledAvroSchema> CompiledAvro(const SchemaSource& source) {
  auto schema = AvroSchemaValidator().Compile(source);
  if (!schema.ok()) return nullptr;
  return std::dynamic_pointer_cast<const CompiledAvroSchema>(*schema);
}

// The verdict on the last of `versions`; those before are its earlier ones.
inline CompatibilityVerdict JudgeAvro(const std::vector<std::string>& versions,
                                      const CompatibilityRules& rules,
                                      const ResolutionLimits& limits = {}) {
  std::vector<std::shared_ptr<const CompiledAvroSchema>> compiled;
  std::vector<EarlierSchema> earlier;
  CompatibilityVerdict failed;
  failed.findings.push_back({});
  for (const std::string& text : versions) {
    compiled.push_back(CompiledAvro(text));
    if (compiled.back() == nullptr) {
      failed.findings[0].rule = absl::StrCat("not a schema: ", text);
      return failed;
    }
    earlier.push_back({static_cast<uint32_t>(compiled.size()), compiled.back().get()});
  }
  earlier.pop_back();
  auto verdict = AvroComparer(limits).Compare(earlier, *compiled.back(), rules);
  if (verdict.ok()) return *std::move(verdict);
  failed.findings[0].rule = std::string(verdict.status().message());
  return failed;
}

// "RULE path, RULE path".
inline std::string RulesAndPathsOf(const CompatibilityVerdict& verdict) {
  std::string text;
  for (const CompatibilityFinding& finding : verdict.findings) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", finding.rule, " ", finding.path);
  }
  return text;
}

}  // namespace nexus::schema
