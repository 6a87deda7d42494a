#include "nexus/core/stream_name.h"

#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"

namespace nexus {
namespace {

absl::Status Check(absl::string_view name) {
  if (name.empty()) {
    return MakeError(ErrorReason::kMalformedName, "a stream name must not be empty");
  }
  if (name.size() > kStreamNameBytesMax) {
    return MakeError(ErrorReason::kMalformedName,
                     absl::StrCat("a stream name has at most ", kStreamNameBytesMax,
                                  " bytes; this one has ", name.size()));
  }
  if (IsPlainAscii(name)) return absl::OkStatus();
  if (const auto at = FindInvalidUtf8(name)) {
    return MakeError(ErrorReason::kInvalidUtf8,
                     absl::StrCat("the stream name is not UTF-8 at byte ", *at));
  }
  if (const auto at = FindControlCharacter(name)) {
    return MakeError(ErrorReason::kMalformedName,
                     absl::StrCat("the stream name has a control character at byte ", *at));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<StreamName> StreamName::Parse(absl::string_view name) {
  NEXUS_RETURN_IF_ERROR(Check(name));
  return StreamName(std::string(name));
}

absl::StatusOr<StreamName> StreamName::Take(std::string name) {
  NEXUS_RETURN_IF_ERROR(Check(name));
  return StreamName(std::move(name));
}

StreamName StreamName::Literal(absl::string_view name) {
  absl::StatusOr<StreamName> parsed = Parse(name);
  if (!parsed.ok()) std::abort();
  return *std::move(parsed);
}

absl::string_view StreamName::CategoryOf(absl::string_view name) {
  return name.substr(0, name.find('-'));
}

}  // namespace nexus
