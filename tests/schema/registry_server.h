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
#include "schema/schema_events.h"
#include "schema/schema_registry.h"

namespace nexus::schema {

// A registry over a log that outlives it, so that a second one can be started on the same log.
class Server {
 public:
  explicit Server(fake::FaultyLog& log, SchemaRegistryOptions options = {}, Limits limits = {})
      : registry({log, log, languages, json, executor, clock, log.ids()}, limits, options) {}

  absl::StatusOr<SchemaRecordPtr> Register(const std::string& subject,
                                           const std::string& definition,
                                           const std::string& comment = "") {
    return Register(RegisterRequest{subject, definition, comment, {}});
  }
  absl::StatusOr<SchemaRecordPtr> Register(RegisterRequest request) {
    request.stamp = {"alice", "d-1", "r-1", 0};
    return Await<SchemaRecordPtr>(
        [&](auto done) { registry.Register(std::move(request), std::move(done)); });
  }
  // Calls `ask` with a callback and gives what that is told.
  template <typename Answer, typename Ask>
  absl::StatusOr<Answer> Await(Ask ask) {
    absl::StatusOr<Answer> answer = absl::UnknownError("no answer");
    ask([&](absl::StatusOr<Answer> result) { answer = std::move(result); });
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
  const SchemaLanguages languages =
      SchemaLanguages().Add(SchemaFormat::kJsonSchema, validator, comparer);
  SimdJsonReader json;
  fake::ManualExecutor executor;
  fake::ManualClock clock;
  SchemaRegistry registry;
};

// As a server without ids wrote it.
inline SchemaRegistered StoredSchema(const std::string& subject, uint32_t version,
                                     const std::string& definition, const std::string& digest) {
  SchemaRegistered event;
  event.subject = subject;
  event.version = version;
  event.definition = definition;
  event.digest = digest;
  return event;
}

inline ErrorReason ReasonFor(Server& server, const std::string& subject,
                             const std::string& definition) {
  return ReasonOf(server.Register(subject, definition).status());
}

}  // namespace nexus::schema
