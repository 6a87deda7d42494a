#include "schema/avro/datum_check.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "schema/avro/datum_walk.h"
#include "schema/avro/fingerprint.h"
#include "schema/avro/silent_sink.h"

namespace nexus::schema {

absl::string_view DatumIn(const AvroSchema& schema, absl::string_view data) {
  return HasSingleObjectHeader(data, schema.fingerprint) ? data.substr(kSingleObjectHeaderBytes)
                                                         : data;
}

Violation ViolationOf(const AvroSchema& schema, absl::string_view data, const DatumFault& fault,
                      const DatumPath& path) {
  if (!LooksLikeSingleObject(data) || HasSingleObjectHeader(data, schema.fingerprint)) {
    return DatumViolation(fault, path);
  }
  std::string own;
  for (int i = 0; i < 8; ++i) {
    absl::StrAppendFormat(&own, "%02x", (schema.fingerprint >> (8 * i)) & 0xff);
  }
  const std::string theirs = absl::BytesToHexString(data.substr(2, 8));
  return DatumViolation({"fingerprint", absl::StrCat("the fingerprint ", own), theirs}, {});
}

absl::Status DatumLimitExceeded(const DatumLimits& limits) {
  return MakeError(
      ErrorReason::kLimitExceeded,
      absl::StrCat("the datum has more than ", limits.steps_max, " values, or more than ",
                   limits.output_bytes_max, " bytes once it is converted"));
}

absl::Status DatumRefused(Violation violation) {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaViolation;
  const std::string message = absl::StrCat("not a datum of the schema: ", violation.message);
  details.violations.push_back(std::move(violation));
  return MakeError(message, details);
}

absl::StatusOr<std::optional<Violation>> CheckDatum(const AvroSchema& schema,
                                                    absl::string_view data,
                                                    const DatumLimits& limits) {
  DatumReader reader(DatumIn(schema, data));
  reader.set_empty_items_left(limits.empty_items_max);
  SilentSink sink;
  DatumPath path;
  DatumWalk<SilentSink> walk(reader, sink, path, limits);
  bool valid = walk.Value(*schema.root);
  if (walk.exhausted()) return DatumLimitExceeded(limits);
  if (valid && reader.bytes_left() > 0) {
    valid = reader.Fail("trailing", "the end of the data",
                        absl::StrCat(reader.bytes_left(), " more bytes"));
  }
  if (valid) return std::nullopt;
  return ViolationOf(schema, data, reader.fault(), path);
}

}  // namespace nexus::schema
