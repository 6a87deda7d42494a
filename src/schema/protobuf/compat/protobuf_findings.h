#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "nexus/core/compatibility.h"

namespace nexus::schema {

// Findings about two versions, of which no more are kept than anybody reads.
class ProtobufFindings {
 public:
  static constexpr size_t kFindingsMax = 200;

  void Add(const char* rule, std::string path, std::string old_value, std::string new_value,
           std::string message) {
    if (findings_.size() >= kFindingsMax) return;
    CompatibilityFinding finding;
    finding.rule = rule;
    finding.path = std::move(path);
    finding.old_value = std::move(old_value);
    finding.new_value = std::move(new_value);
    finding.message = std::move(message);
    findings_.push_back(std::move(finding));
  }
  std::vector<CompatibilityFinding> Take() { return std::move(findings_); }

 private:
  std::vector<CompatibilityFinding> findings_;
};

}  // namespace nexus::schema
