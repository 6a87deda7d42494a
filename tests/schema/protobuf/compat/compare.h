#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "schema/protobuf/compat/protobuf_comparer.h"
#include "schema/protobuf/compile.h"

namespace nexus::schema {

// "3 message M { }" as a file of the syntax proto3 and the package p, unless it names another.
inline std::string FileText(const std::string& text) {
  std::string body = text.substr(2);
  if (!absl::StrContains(body, "package ")) body = absl::StrCat("package p; ", body);
  return absl::StrCat("syntax = \"proto", text.substr(0, 1), "\"; ", body);
}

// The verdict on the last of `versions`; those before are its earlier ones.
inline CompatibilityVerdict Judge(const std::vector<std::string>& versions,
                                  const CompatibilityRules& rules) {
  std::vector<std::shared_ptr<const CompiledProtobufSchema>> compiled;
  std::vector<EarlierSchema> earlier;
  for (const std::string& text : versions) {
    compiled.push_back(Compiled(FileText(text)));
    earlier.push_back({static_cast<uint32_t>(compiled.size()), compiled.back().get()});
  }
  earlier.pop_back();
  auto verdict = ProtobufComparer().Compare(earlier, *compiled.back(), rules);
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
