#pragma once

// Validates documents one after another and says where each violation is.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "cli/instances.h"
#include "nexus/core/errors.h"
#include "nexus/port/schema_validator.h"

namespace nexus::cli {

struct InstanceViolation {
  std::string file;
  uint64_t line = 0;  // from 1; 0: the file is one document
  Violation violation;
};

struct InstanceCounts {
  uint64_t documents = 0;
  uint64_t invalid = 0;
  uint64_t violations = 0;
};

class InstanceCheck {
 public:
  using Sink = std::function<void(const InstanceViolation&)>;

  // `schema` must outlive the check. `sink` gets each violation, altogether `violations_max`; with
  // `rejects_undeclared` a field that the schema does not declare is one.
  InstanceCheck(const CompiledSchema& schema, bool rejects_undeclared, uint64_t violations_max,
                Sink sink)
      : schema_(schema),
        rejects_undeclared_(rejects_undeclared),
        violations_max_(violations_max),
        sink_(std::move(sink)) {}

  // A document that cannot be judged (no JSON, too deep, too long) is a violation whose keyword is
  // the reason. An error only where the fault is not the document's.
  absl::Status Take(const Instance& instance);

  bool is_full() const { return counts_.violations >= violations_max_; }
  const InstanceCounts& counts() const { return counts_; }

 private:
  const CompiledSchema& schema_;
  const bool rejects_undeclared_;
  const uint64_t violations_max_;
  const Sink sink_;
  InstanceCounts counts_;
};

// `file:line: keyword at pointer: message; expected E; actual A`, fit for a terminal.
std::string ViolationText(const InstanceViolation& found);
std::string InstanceViolationJson(const InstanceViolation& found);

}  // namespace nexus::cli
