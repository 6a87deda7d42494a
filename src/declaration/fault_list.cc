#include "declaration/fault_list.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::declaration {

void FaultList::Add(const std::string& path, const absl::Status& status) {
  ErrorDetails details = DetailsOf(status);
  const bool named = absl::StartsWith(status.message(), path);
  const std::string text = absl::StrCat(named ? "" : path, named ? "" : ": ", status.message());
  if (details.violations.empty()) {
    details.violations.emplace_back();
    details.violations.back().message = std::string(status.message());
  }
  for (Violation& violation : details.violations) violation.field = path;
  Take(text, std::move(details));
}

void FaultList::Join(const absl::Status& status) { Take(status.message(), DetailsOf(status)); }

void FaultList::Take(absl::string_view text, ErrorDetails details) {
  if (details_.reason == ErrorReason::kUnspecified) {
    details_.reason = details.reason;
    details_.metadata = std::move(details.metadata);
  }
  absl::StrAppend(&text_, text_.empty() ? "" : "; ", text);
  for (Violation& violation : details.violations) {
    details_.violations.push_back(std::move(violation));
  }
}

absl::Status FaultList::ToStatus() const {
  return text_.empty() ? absl::OkStatus() : MakeError(text_, details_);
}

}  // namespace nexus::declaration
