#include "nexus/core/service_graph.h"

#include <utility>

#include "nexus/core/name_table.h"

namespace nexus {
namespace {

constexpr std::pair<GraphEdgeKind, absl::string_view> kKinds[] = {
    {GraphEdgeKind::kPublishes, "publishes"},
    {GraphEdgeKind::kConsumes, "consumes"},
    {GraphEdgeKind::kCalls, "calls"},
};

constexpr std::pair<CallEvidence, absl::string_view> kEvidence[] = {
    {CallEvidence::kNone, ""},
    {CallEvidence::kDeclared, "declared"},
    {CallEvidence::kSameCommit, "same_commit"},
    {CallEvidence::kSameStream, "same_stream"},
};

}  // namespace

absl::string_view GraphEdgeKindName(GraphEdgeKind kind) { return NameIn(kKinds, kind); }
absl::string_view CallEvidenceName(CallEvidence evidence) { return NameIn(kEvidence, evidence); }

}  // namespace nexus
