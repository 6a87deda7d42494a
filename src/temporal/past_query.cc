#include "temporal/past_query.h"

#include "absl/strings/str_cat.h"
#include "nexus/core/time_text.h"

namespace nexus::temporal {

std::string PointText(const PastPoint& point) {
  switch (point.kind) {
    case PastPoint::Kind::kNow:
      return "now";
    case PastPoint::Kind::kTime:
      return absl::StrCat("time ", TimeText(point.time));
    case PastPoint::Kind::kPosition:
      return absl::StrCat("position ", point.position.value);
    case PastPoint::Kind::kRevision:
      break;
  }
  return absl::StrCat("revision ", point.revision.value);
}

const char* QueryName(QueryKind kind) {
  switch (kind) {
    case QueryKind::kStateAsOf:
      return "state_as_of";
    case QueryKind::kDiff:
      return "diff";
    case QueryKind::kFieldHistory:
      break;
  }
  return "field_history";
}

}  // namespace nexus::temporal
