#include "schema/protobuf/proto_errors.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::schema {

void ProtoErrors::Add(int line, int column, absl::string_view message) {
  if (line < 0) return AddAt("", message);
  AddAt(absl::StrCat("line ", line + 1, ", column ", column + 1), message);
}

void ProtoErrors::AddAt(absl::string_view place, absl::string_view message) {
  if (++count_ > errors_max_) return;
  Violation violation;
  violation.pointer = std::string(place);
  violation.message =
      absl::StrCat(file_, file_.empty() ? "" : ": ", place, place.empty() ? "" : ": ", message);
  violations_.push_back(std::move(violation));
}

absl::Status ProtoErrors::ToStatus() const {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaInvalid;
  details.violations = violations_;
  std::string message = "not a valid schema";
  if (!violations_.empty()) absl::StrAppend(&message, ": ", violations_[0].message);
  if (count_ > 1) absl::StrAppend(&message, " (and ", count_ - 1, " more)");
  return MakeError(message, details);
}

absl::Status ProtoInvalid(absl::string_view file, absl::string_view message) {
  ProtoErrors errors(file, 1);
  errors.AddAt("", message);
  return errors.ToStatus();
}

}  // namespace nexus::schema
