#include "rpc/view_convert.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::rpc {
namespace {

constexpr int kVersionsMax = 1'000;

}  // namespace

absl::Status ReadView(const v1::SchemaView& wanted, schema::SchemaView& view) {
  if (wanted.versions_size() > kVersionsMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("as_version names at most ", kVersionsMax, " event types"));
  }
  if (wanted.latest() && wanted.version() != 0) {
    return MakeError(ErrorReason::kMalformedRequest,
                     "as_version has a version or asks for the latest, not both");
  }
  view.version = wanted.version();
  view.latest = wanted.latest();
  for (const auto& [type, version] : wanted.versions()) view.versions.emplace(type, version);
  return absl::OkStatus();
}

}  // namespace nexus::rpc
