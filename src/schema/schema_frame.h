#pragma once

// The frames of Confluent's serializers (framed/framing.h) and the registry: which version a frame
// names, and the frame that names a version. docs/reference/framed-payloads.md.
//
// Pure but for the catalog, which must outlive the call; thread-safe.

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "schema/framed/framing.h"
#include "schema/schema_catalog.h"

namespace nexus::schema {

struct ResolvedFrame {
  SchemaRecordPtr record;  // of the subject, in whatever state: a deleted one takes no new events
  size_t bytes = 0;        // of the frame; the payload follows
};

// `bytes` begin with a frame. MALFORMED_FRAME if they do not, or if the frame selects a message
// that is not the first of its schema. SCHEMA_NOT_REGISTERED if the registry does not know the id
// or GUID, or if it is of other subjects alone.
absl::StatusOr<ResolvedFrame> ResolveFrame(const SchemaCatalog& catalog, absl::string_view subject,
                                           absl::string_view bytes);

// The same of a frame that is a text: the GUID of a schema alone (8-4-4-4-12), or the bytes of a
// frame without a payload, in base64.
absl::StatusOr<SchemaRecordPtr> ResolveFrameText(const SchemaCatalog& catalog,
                                                 absl::string_view subject, absl::string_view text);

// The frame that names a version that events are stored with, whatever its state.
// SCHEMA_NOT_REGISTERED for version 0 and for one that is not there.
absl::StatusOr<std::string> FrameOf(const SchemaCatalog& catalog, absl::string_view subject,
                                    uint32_t version, FrameVersion frame_version);

// SCHEMA_NOT_REGISTERED about a frame that names a deleted version.
absl::Status FrameOfDeleted(const SchemaRecord& record);

}  // namespace nexus::schema
