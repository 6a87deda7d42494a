#include "cli/transform_preview.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/route_declaration.h"
#include "route/transform/transform.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::cli {
namespace {

absl::StatusOr<EventBatch> ReadEvent(client::Client& client, uint64_t position) {
  client::ReadOptions read;
  read.from = position;
  read.to = position;
  const auto stream = client.Read(read);
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(std::optional<EventBatch> page, stream->Next());
    if (!page) break;
    if (!page->events.empty()) return *std::move(page);
  }
  return MakeError(ErrorReason::kNotFound,
                   absl::StrCat("you can read no event at position ", position));
}

}  // namespace

absl::StatusOr<std::map<std::string, TransformPreview>> PreviewTransforms(
    client::Client& client, uint64_t position,
    const std::map<std::string, std::string>& declarations) {
  std::map<std::string, TransformPreview> previews;
  schema::SimdJsonReader json;
  std::map<std::string, route::TransformDeclaration> transforms;
  for (const auto& [name, text] : declarations) {
    NEXUS_ASSIGN_OR_RETURN(const route::RouteDeclaration declared, route::ParseRoute(text, json));
    if (declared.transform) transforms.emplace(name, *declared.transform);
  }
  if (transforms.empty()) return previews;
  NEXUS_ASSIGN_OR_RETURN(const EventBatch page, ReadEvent(client, position));
  for (auto& [name, declared] : transforms) {
    TransformPreview& preview = previews[name];
    preview.transform = route::TransformDigest(declared);
    const auto data = route::Transform::Preview(std::move(declared))->DataOf(page.events.front());
    if (data.ok()) {
      preview.data = *data;
    } else {
      preview.refusal = std::string(data.status().message());
    }
  }
  return previews;
}

}  // namespace nexus::cli
