#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {

inline std::shared_ptr<const CompiledSchema> Compiled(const std::string& text) {
  auto schema = JsonSchemaValidator().Compile(text);
  return schema.ok() ? *schema : nullptr;
}

// The verdict on the last of `versions`; those before are its earlier ones.
inline CompatibilityVerdict Judge(const std::vector<std::string>& versions,
                                  const CompatibilityRules& rules, SubsetLimits limits = {}) {
  std::vector<std::shared_ptr<const CompiledSchema>> compiled;
  std::vector<EarlierSchema> earlier;
  for (const std::string& text : versions) {
    compiled.push_back(Compiled(text));
    earlier.push_back({static_cast<uint32_t>(compiled.size()), compiled.back().get()});
  }
  earlier.pop_back();
  auto verdict = JsonSchemaComparer(limits).Compare(earlier, *compiled.back(), rules);
  if (verdict.ok()) return *std::move(verdict);
  CompatibilityVerdict failed;
  failed.findings.push_back({});
  failed.findings[0].rule = std::string(verdict.status().message());
  return failed;
}

// "RULE path, RULE path".
inline std::string RulesOf(const CompatibilityVerdict& verdict) {
  std::string text;
  for (const CompatibilityFinding& finding : verdict.findings) {
    absl::StrAppend(&text, text.empty() ? "" : ", ", finding.rule, " ", finding.path);
  }
  return text;
}

}  // namespace nexus::schema
