#pragma once

// What callers ask of the registry, and whether it can be asked at all.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/commit.h"
#include "nexus/core/limits.h"
#include "nexus/port/json_reader.h"
#include "schema/schema_languages.h"
#include "schema/schema_record.h"

namespace nexus::schema {

struct SchemaRequestLimits {
  size_t subject_bytes_max = 255;
  size_t comment_bytes_max = 4'096;
  size_t references_max = 256;           // direct ones
  size_t reference_closure_max = 1'000;  // with those of others
};

struct RegisterRequest {
  std::string subject;
  std::string definition;
  std::string comment;
  AdmissionStamp stamp;  // its principal becomes `registered_by`
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::vector<RecordReference> references = {};  // version 0: the latest
  std::string metadata = {};                     // a JSON object, or empty
  std::string rule_set = {};                     // a JSON object, or empty
  // Store the canonical form instead of the text.
  bool normalize = false;
  // In the mode IMPORT: what the version and the id must be; 0: the next ones.
  uint32_t version = 0;
  uint32_t id = 0;
};

struct DeleteRequest {
  std::string subject;
  uint32_t version = 0;    // 0: every version
  bool permanent = false;  // of what is deleted already: hide it from all lists
  std::string comment;
  AdmissionStamp stamp;
};

// A definition that can be registered, with all that follows from the request alone.
struct Candidate {
  std::shared_ptr<const CompiledSchema> compiled;  // shared with the record that it becomes
  std::string digest;
};

// MALFORMED_NAME, RESERVED_NAME, INVALID_UTF8. `what` is "subject" or "category".
absl::Status CheckName(absl::string_view what, absl::string_view name, size_t bytes_max);
absl::Status CheckComment(absl::string_view comment, const SchemaRequestLimits& limits);
// The above of a request, and LIMIT_EXCEEDED.
absl::Status CheckRequest(const RegisterRequest& request, const SchemaRequestLimits& limits,
                          size_t schema_bytes_max);

// SCHEMA_INCOMPATIBLE with a violation for each finding, of which there is one at least.
absl::Status Incompatible(const std::string& subject, const CompatibilityRules& rules,
                          const CompatibilityVerdict& verdict);

// NOT_FOUND. Version 0: the subject has none.
absl::Status NoSuchVersion(absl::string_view subject, uint32_t version);

// Finds a record that something refers to; null if it is not there.
using FindRecord = absl::FunctionRef<SchemaRecordPtr(absl::string_view subject, uint32_t version)>;

// Compiles the request's definition with everything that it refers to. Puts metadata and rules in
// canonical form, the versions of references to what they are now, and the definition to its
// canonical form if asked for. SCHEMA_INVALID and what the language says.
absl::StatusOr<Candidate> Compile(RegisterRequest& request, const SchemaLanguages& languages,
                                  JsonReader& json, const SchemaRequestLimits& limits,
                                  FindRecord find);

// As Canonical of the language, with the digest of the whole content.
absl::StatusOr<std::string> DigestOf(const RegisterRequest& request,
                                     const SchemaLanguages& languages);

}  // namespace nexus::schema
