#include "app/sinks/framed_values.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_frame.h"

namespace nexus::app {
namespace {

absl::StatusOr<route::ValueFrame> IdBeforeData(const schema::SchemaCatalog& schemas,
                                               const RecordedEvent& event) {
  route::ValueFrame frame;
  NEXUS_ASSIGN_OR_RETURN(frame.prefix, schema::FrameOf(schemas, event.type, event.schema_version,
                                                       schema::FrameVersion::kId));
  // As an append would have to name it.
  frame.content_type = absl::StrCat(event.content_type, "; framing=confluent");
  return frame;
}

absl::StatusOr<route::ValueFrame> GuidInHeader(const schema::SchemaCatalog& schemas,
                                               const RecordedEvent& event) {
  NEXUS_ASSIGN_OR_RETURN(
      std::string bytes,
      schema::FrameOf(schemas, event.type, event.schema_version, schema::FrameVersion::kGuid));
  route::ValueFrame frame;
  frame.content_type = std::string(event.content_type);
  frame.headers.emplace_back("__value_schema_id", std::move(bytes));
  return frame;
}

}  // namespace

route::ValueFormat FramedValues(absl::string_view framing, const schema::SchemaCatalog& schemas) {
  if (framing == "confluent") {
    return [&schemas](const RecordedEvent& event) { return IdBeforeData(schemas, event); };
  }
  if (framing == "confluent_header") {
    return [&schemas](const RecordedEvent& event) { return GuidInHeader(schemas, event); };
  }
  return nullptr;
}

}  // namespace nexus::app
