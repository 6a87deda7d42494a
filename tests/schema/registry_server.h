#pragma once

#include <string>
#include <utility>

#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "nexus/core/errors.h"
#include "schema/faulty_log.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "schema/schema_registry.h"

namespace nexus::schema {

// A registry over a log that outlives it, so that a second one can be started on the same log.
class Server {
 public:
  explicit Server(fake::FaultyLog& log, SchemaRegistryOptions options = {}, Limits limits = {})
      : registry({log, log, validator, comparer, json, executor, clock, log.ids()}, limits,
                 options) {}

  absl::StatusOr<SchemaRecordPtr> Register(const std::string& subject,
                                           const std::string& definition,
                                           const std::string& comment = "") {
    absl::StatusOr<SchemaRecordPtr> answer = absl::UnknownError("no answer");
    registry.Register({subject, definition, comment, {"alice", "d-1", "r-1", 0}},
                      [&](absl::StatusOr<SchemaRecordPtr> result) { answer = std::move(result); });
    executor.Advance(absl::Seconds(1));
    return answer;
  }
  absl::StatusOr<CategorySettings> Update(const std::string& category, SchemaMode mode) {
    absl::StatusOr<CategorySettings> answer = absl::UnknownError("no answer");
    registry.UpdateCategory({category, mode}, {"alice", "", "", 0},
                            [&](absl::StatusOr<CategorySettings> result) { answer = result; });
    executor.Advance(absl::Seconds(1));
    return answer;
  }

  JsonSchemaValidator validator;
  JsonSchemaComparer comparer;
  SimdJsonReader json;
  fake::ManualExecutor executor;
  fake::ManualClock clock;
  SchemaRegistry registry;
};

inline ErrorReason ReasonFor(Server& server, const std::string& subject,
                             const std::string& definition) {
  return ReasonOf(server.Register(subject, definition).status());
}

}  // namespace nexus::schema
