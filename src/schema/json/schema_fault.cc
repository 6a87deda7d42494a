#include "schema/json/schema_fault.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::schema {

absl::Status SchemaInvalid(const SchemaFault& fault) {
  Violation violation;
  violation.pointer = fault.pointer;
  violation.keyword = fault.keyword;
  violation.expected = fault.expected;
  violation.actual = fault.actual;
  violation.message = absl::StrCat(fault.pointer.empty() ? "the schema" : fault.pointer,
                                   ": expected ", fault.expected, ", found ", fault.actual);
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaInvalid;
  const std::string message = absl::StrCat("not a valid schema: ", violation.message);
  details.violations.push_back(std::move(violation));
  return MakeError(message, details);
}

}  // namespace nexus::schema
