#pragma once

// Turns a datum that was written with one schema into one of another: evolution when reading.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "schema/avro/avro_schema.h"
#include "schema/avro/datum_path.h"
#include "schema/avro/resolution_plan.h"

namespace nexus::schema {

// Immutable and thread-safe.
class DatumResolver {
 public:
  // LIMIT_EXCEEDED if the two schemas ask for too large a plan. That some data cannot be converted
  // is no error here.
  static absl::StatusOr<std::unique_ptr<const DatumResolver>> Make(
      std::shared_ptr<const AvroSchema> writer, std::shared_ptr<const AvroSchema> reader,
      const ResolutionLimits& resolution = {}, const DatumLimits& limits = {});

  // One datum of the reader's schema in binary encoding. SCHEMA_VIOLATION, with the place in
  // `data`, if `data` is no datum of the writer's schema (or in single-object encoding of it), or
  // is one that the reader's cannot represent; LIMIT_EXCEEDED as for CheckDatum(), and if the
  // result grows beyond its limit.
  absl::StatusOr<std::string> Convert(absl::string_view data) const;
  // The same as DatumToJson() shows it.
  absl::StatusOr<std::string> ConvertToJson(absl::string_view data) const;

 private:
  DatumResolver(std::shared_ptr<const AvroSchema> writer, std::shared_ptr<const AvroSchema> reader,
                std::unique_ptr<const ResolutionPlan> plan, const DatumLimits& limits);

  const std::shared_ptr<const AvroSchema> writer_;
  const std::shared_ptr<const AvroSchema> reader_;
  const std::unique_ptr<const ResolutionPlan> plan_;
  const DatumLimits limits_;
};

}  // namespace nexus::schema
