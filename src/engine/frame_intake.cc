#include "engine/frame_intake.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"
#include "nexus/core/schema_format.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_frame.h"

namespace nexus::engine {
namespace {

// The type of data of which the writer knows no more than that it is framed.
constexpr absl::string_view kAnyBytes = "application/octet-stream";

// A content type, taken apart.
struct ContentType {
  std::string bare;  // without the parameter `framing`
  bool framed = false;
};

absl::StatusOr<ContentType> TakeApart(absl::string_view content_type) {
  ContentType parts;
  for (const absl::string_view part : absl::StrSplit(content_type, ';')) {
    const std::pair<absl::string_view, absl::string_view> parameter =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const bool first = parts.bare.empty();
    if (first || !absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parameter.first), "framing")) {
      absl::StrAppend(&parts.bare, first ? "" : ";", part);
      continue;
    }
    const absl::string_view value = absl::StripAsciiWhitespace(parameter.second);
    if (!absl::EqualsIgnoreCase(value, "confluent")) {
      return MakeError(ErrorReason::kMalformedRequest,
                       absl::StrCat("framing must be confluent; it is \"", value, "\""));
    }
    parts.framed = true;
  }
  absl::StripTrailingAsciiWhitespace(&parts.bare);
  return parts;
}

// What stands for the record from now on.
void Name(const schema::SchemaRecord& record, Event& event) {
  event.schema_version = record.version;
  if (event.content_type == kAnyBytes) {
    event.content_type = std::string(ContentTypeOf(record.format));
  }
}

// What the event asked for by itself must be what the frame says.
absl::Status Check(const schema::SchemaRecord& record, uint32_t asked) {
  if (asked != 0 && asked != record.version) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("the frame names version ", record.version, " of ",
                                  record.subject, ", schema_version ", asked));
  }
  if (record.state != schema::SchemaState::kLive) return schema::FrameOfDeleted(record);
  return absl::OkStatus();
}

std::vector<std::pair<std::string, std::string>>::iterator FindHeader(Event& event) {
  const auto at = std::lower_bound(
      event.metadata.begin(), event.metadata.end(), kSchemaIdKey,
      [](const auto& pair, absl::string_view key) { return absl::string_view(pair.first) < key; });
  return at == event.metadata.end() || at->first != kSchemaIdKey ? event.metadata.end() : at;
}

// `field` becomes the part of the event that an error is about.
absl::Status TakeFrame(const schema::SchemaCatalog& catalog, Event& event,
                       absl::string_view& field) {
  const uint32_t asked = event.schema_version;
  field = "content_type";
  bool framed = false;
  if (absl::StrContains(event.content_type, ';')) {
    NEXUS_ASSIGN_OR_RETURN(ContentType parts, TakeApart(event.content_type));
    framed = parts.framed;
    if (framed) event.content_type = std::move(parts.bare);
  }
  const auto header = FindHeader(event);
  if (header != event.metadata.end()) {
    field = "metadata[\"__value_schema_id\"]";
    if (framed) {
      return MakeError(ErrorReason::kMalformedFrame,
                       "the schema is named in front of the data and in the metadata");
    }
    NEXUS_ASSIGN_OR_RETURN(const schema::SchemaRecordPtr record,
                           schema::ResolveFrameText(catalog, event.type, header->second));
    event.metadata.erase(header);
    Name(*record, event);
    return Check(*record, asked);
  }
  if (!framed) return absl::OkStatus();
  field = "data";
  NEXUS_ASSIGN_OR_RETURN(const schema::ResolvedFrame frame,
                         schema::ResolveFrame(catalog, event.type, event.data));
  event.data.erase(0, frame.bytes);
  Name(*frame.record, event);
  return Check(*frame.record, asked);
}

absl::Status AtField(const absl::Status& why, std::string field) {
  ErrorDetails details = DetailsOf(why);
  Violation violation;
  violation.field = field;
  violation.message = std::string(why.message());
  details.violations.push_back(std::move(violation));
  return MakeError(absl::StrCat(field, ": ", why.message()), details);
}

}  // namespace

absl::Status TakeFrames(const schema::SchemaCatalog& catalog, Commit& commit) {
  absl::Status first;
  std::vector<uint32_t> in_stream(commit.streams.size(), 0);
  for (CommitEvent& entry : commit.events) {
    const uint32_t place = in_stream[entry.stream_index]++;
    absl::string_view field;
    const absl::Status status = TakeFrame(catalog, entry.event, field);
    if (status.ok() || !first.ok()) continue;
    first = AtField(status,
                    absl::StrCat("streams[", entry.stream_index, "].events[", place, "].", field));
  }
  return first;
}

}  // namespace nexus::engine
