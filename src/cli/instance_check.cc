#include "cli/instance_check.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/json.h"
#include "cli/output.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

Violation Unjudged(ErrorReason reason, absl::string_view message) {
  Violation violation;
  violation.keyword = std::string(ReasonName(reason));
  violation.message = std::string(message);
  return violation;
}

absl::StatusOr<std::vector<Violation>> ViolationsOf(const CompiledSchema& schema,
                                                    bool rejects_undeclared,
                                                    const Instance& instance, size_t max) {
  if (instance.is_cut) {
    return std::vector<Violation>{
        Unjudged(ErrorReason::kLimitExceeded,
                 absl::StrCat("the line is longer than ", kInstanceLineBytesMax, " bytes"))};
  }
  auto violations = schema.Refusals(instance.data, rejects_undeclared, max);
  if (violations.ok()) return violations;
  const ErrorReason reason = ReasonOf(violations.status());
  if (reason != ErrorReason::kMalformedJson && reason != ErrorReason::kLimitExceeded) {
    return violations.status();
  }
  return std::vector<Violation>{Unjudged(reason, violations.status().message())};
}

}  // namespace

absl::Status InstanceCheck::Take(const Instance& instance) {
  const size_t max = violations_max_ - counts_.violations;
  NEXUS_ASSIGN_OR_RETURN(std::vector<Violation> violations,
                         ViolationsOf(schema_, rejects_undeclared_, instance, max));
  ++counts_.documents;
  if (violations.empty()) return absl::OkStatus();
  ++counts_.invalid;
  if (violations.size() > max) violations.resize(max);
  counts_.violations += violations.size();
  for (Violation& violation : violations) {
    sink_({std::string(instance.file), instance.line, std::move(violation)});
  }
  return absl::OkStatus();
}

std::string ViolationText(const InstanceViolation& found) {
  const Violation& violation = found.violation;
  std::string text = Printable(found.file);
  if (found.line > 0) absl::StrAppend(&text, ":", found.line);
  absl::StrAppend(&text, ": ",
                  violation.keyword.empty() ? "SCHEMA_VIOLATION" : Printable(violation.keyword));
  if (!violation.pointer.empty()) absl::StrAppend(&text, " at ", Printable(violation.pointer, 300));
  absl::StrAppend(&text, ": ", Printable(violation.message, 300));
  if (!violation.expected.empty()) {
    absl::StrAppend(&text, "; expected ", Printable(violation.expected, 300));
  }
  if (!violation.actual.empty()) {
    absl::StrAppend(&text, "; actual ", Printable(violation.actual, 300));
  }
  return text;
}

std::string InstanceViolationJson(const InstanceViolation& found) {
  const Violation& violation = found.violation;
  JsonObject json;
  json.Text("file", found.file);
  if (found.line > 0) json.Number("line", found.line);
  json.Text("pointer", violation.pointer).Text("keyword", violation.keyword);
  json.Text("expected", violation.expected).Text("actual", violation.actual);
  json.Text("message", violation.message);
  return json.Take();
}

}  // namespace nexus::cli
