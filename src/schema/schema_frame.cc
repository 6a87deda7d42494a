#include "schema/schema_frame.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/ids.h"
#include "nexus/core/status_macros.h"
#include "schema/schema_content.h"

namespace nexus::schema {
namespace {

absl::Status Malformed(absl::string_view message) {
  return MakeError(ErrorReason::kMalformedFrame, message);
}

std::string GuidText(const Frame& frame) {
  UuidBytes bytes;
  std::copy(frame.guid.begin(), frame.guid.end(), bytes.begin());
  return FormatUuid(bytes);
}

// How the frame calls its schema.
struct SchemaName {
  explicit SchemaName(const Frame& frame)
      : key(frame.version == FrameVersion::kId ? "schema_id" : "schema_guid"),
        value(frame.version == FrameVersion::kId ? absl::StrCat(frame.schema_id)
                                                 : GuidText(frame)) {}

  std::string key;
  std::string value;
};

// `cause` is for programs: the three have one reason, since registering helps in each.
absl::Status NotThere(const SchemaName& name, absl::string_view subject, absl::string_view cause,
                      absl::string_view message) {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaNotRegistered;
  details.metadata = {
      {"subject", std::string(subject)}, {name.key, name.value}, {"cause", std::string(cause)}};
  return MakeError(message, details);
}

// Who may not know the other subject learns no name of it.
absl::StatusOr<SchemaRecordPtr> FindNamed(const SchemaCatalog& catalog, absl::string_view subject,
                                          const Frame& frame) {
  const SchemaName name(frame);
  const uint32_t id =
      frame.version == FrameVersion::kId ? frame.schema_id : catalog.IdOfGuid(name.value);
  SchemaRecordPtr record = catalog.FindWithId(subject, id);
  if (record != nullptr) return record;
  const std::string text =
      absl::StrCat(frame.version == FrameVersion::kId ? "id " : "GUID ", name.value);
  if (id == 0 || catalog.DigestOf(id).empty()) {
    return NotThere(name, subject, "unknown",
                    absl::StrCat("no schema has the ", text, " that the frame names"));
  }
  return NotThere(name, subject, "other_subject",
                  absl::StrCat("the frame names the schema with the ", text,
                               ", which is not one of the subject ", subject));
}

// Data without a frame are always the first message: another could not be told from it once the
// frame is off.
absl::Status CheckFirstMessage(const Frame& frame) {
  if (frame.index_count == 1 && frame.index[0] == 0) return absl::OkStatus();
  std::string indexes;
  for (const int32_t index : frame.indexes()) {
    absl::StrAppend(&indexes, indexes.empty() ? "" : ", ", index);
  }
  return Malformed(absl::StrCat("the message indexes of the frame are [", indexes,
                                "]; an event is the first message of its schema, [0]"));
}

}  // namespace

absl::StatusOr<ResolvedFrame> ResolveFrame(const SchemaCatalog& catalog, absl::string_view subject,
                                           absl::string_view bytes) {
  Frame frame;
  FrameFault fault = ParseFrame(bytes, FrameBody::kPlain, frame);
  if (fault != FrameFault::kNone) return Malformed(FrameFaultText(fault));
  ResolvedFrame resolved;
  NEXUS_ASSIGN_OR_RETURN(resolved.record, FindNamed(catalog, subject, frame));
  // Whether there are message indexes is known only now.
  if (resolved.record->format == SchemaFormat::kProtobuf) {
    fault = ParseFrame(bytes, FrameBody::kProtobuf, frame);
    if (fault != FrameFault::kNone) return Malformed(FrameFaultText(fault));
    NEXUS_RETURN_IF_ERROR(CheckFirstMessage(frame));
  }
  resolved.bytes = bytes.size() - frame.payload.size();
  return resolved;
}

absl::StatusOr<SchemaRecordPtr> ResolveFrameText(const SchemaCatalog& catalog,
                                                 absl::string_view subject,
                                                 absl::string_view text) {
  if (const auto guid = ParseUuid(text); guid.ok()) {
    Frame frame;
    frame.version = FrameVersion::kGuid;
    std::copy(guid->begin(), guid->end(), frame.guid.begin());
    return FindNamed(catalog, subject, frame);
  }
  std::string bytes;
  if (!absl::Base64Unescape(text, &bytes)) {
    return Malformed("it is neither the GUID of a schema nor a frame in base64");
  }
  NEXUS_ASSIGN_OR_RETURN(ResolvedFrame resolved, ResolveFrame(catalog, subject, bytes));
  if (resolved.bytes != bytes.size()) return Malformed("it goes on behind the end of the frame");
  return std::move(resolved.record);
}

absl::StatusOr<std::string> FrameOf(const SchemaCatalog& catalog, absl::string_view subject,
                                    uint32_t version, FrameVersion frame_version) {
  const SchemaRecordPtr record = version == 0 ? nullptr : catalog.FindStored(subject, version);
  if (record == nullptr) {
    return MakeError(ErrorReason::kSchemaNotRegistered,
                     absl::StrCat("events of type ", subject, " without a schema have no frame"));
  }
  Frame frame;
  frame.version = frame_version;
  frame.schema_id = record->id;
  NEXUS_ASSIGN_OR_RETURN(const UuidBytes guid, ParseUuid(GuidOf(record->digest)));
  std::copy(guid.begin(), guid.end(), frame.guid.begin());
  std::array<char, kFramePrefixBytesMax> out;
  const bool protobuf = record->format == SchemaFormat::kProtobuf;
  const size_t size = WriteFramePrefix(frame, protobuf ? FrameBody::kProtobuf : FrameBody::kPlain,
                                       absl::MakeSpan(out));
  return std::string(out.data(), size);
}

absl::Status FrameOfDeleted(const SchemaRecord& record) {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaNotRegistered;
  details.metadata = {{"subject", record.subject},
                      {"schema_id", absl::StrCat(record.id)},
                      {"version", absl::StrCat(record.version)},
                      {"cause", "deleted"}};
  return MakeError(absl::StrCat("the frame names version ", record.version, " of ", record.subject,
                                ", which is deleted"),
                   details);
}

}  // namespace nexus::schema
