#pragma once

// The REST API of Confluent's Schema Registry, so that its clients, serdes and build plugins work
// with this server as they are. docs/reference/confluent-api.md says what it has and what it lacks.
//
// Everything that writes passes the policy, as the calls of gRPC do. Callers, their rights and
// limits are those of http/guard.
//
// Thread-safe. Must outlive the HTTP server that it answers for.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "confluent/errors.h"
#include "engine/engine.h"
#include "http/guard/guard.h"
#include "http/route.h"
#include "http/target.h"
#include "identity/operation.h"
#include "nexus/port/json_reader.h"

namespace nexus::confluent {

struct RegistryApiParts {
  engine::Engine& engine;
  const http::Guard& guard;
  JsonReader& json;
};

// One kind of request that the API answers, and what it asks of the caller.
struct RegistryRoute {
  absl::string_view method;
  // "subjects/*/versions": a star is any one segment.
  absl::string_view path;
  identity::Operation operation;
};

class RegistryApi {
 public:
  explicit RegistryApi(const RegistryApiParts& parts) : parts_(parts) {}

  // Everything below `prefix`; empty: of a port of its own. Bodies may have `body_bytes_max`.
  http::Area Area(std::string prefix, size_t body_bytes_max);

  // Everything that it answers.
  static std::vector<RegistryRoute> Routes();

  // One request whose path has `skipped` bytes before what the API knows.
  void Answer(http::Request request, size_t skipped, http::Reply reply);

 private:
  struct Call;
  using Handler = void (RegistryApi::*)(Call call);

  // registry_routes.cc
  struct Row;
  static absl::Span<const Row> Rows();
  static const Row* FindRow(absl::string_view method, const std::vector<std::string>& segments);

  const schema::SchemaCatalog& catalog() const;

  // registry_reads.cc
  void ListSubjects(Call call);
  void ListVersions(Call call);
  void GetVersion(Call call);
  void GetVersionSchema(Call call);
  void GetReferencedBy(Call call);
  void GetMetadata(Call call);
  void ListSchemas(Call call);
  void ListTypes(Call call);
  void GetById(Call call);
  void GetIdSchema(Call call);
  void GetIdSubjects(Call call);
  void GetIdVersions(Call call);
  void GetByGuid(Call call);
  void ListContexts(Call call);
  void GetRoot(Call call);
  void GetClusterId(Call call);

  // registry_writes.cc
  void Register(Call call);
  void Lookup(Call call);
  void DeleteSubject(Call call);
  void DeleteVersion(Call call);
  void Delete(Call call, uint32_t version);
  void CheckCompatibility(Call call);

  // registry_settings.cc
  void GetConfig(Call call);
  void PutConfig(Call call);
  void DeleteConfig(Call call);
  void GetMode(Call call);
  void PutMode(Call call);
  void DeleteMode(Call call);

  // The live record that a path names, or an answer.
  absl::StatusOr<schema::SchemaRecordPtr> FindVersion(const Call& call, ErrorCode& code) const;

  const RegistryApiParts parts_;
};

struct RegistryApi::Row {
  RegistryRoute route;
  Handler handler;
};

// One request on its way.
struct RegistryApi::Call {
  std::vector<std::string> segments;
  http::Parameters parameters{""};
  std::string body;
  std::string form;       // the written form that it asks for
  bool extended = false;  // the client takes members that it does not know
  engine::Caller caller;
  http::Reply reply;

  // Segment `at` as a subject: the default context may be written out.
  std::string Subject(size_t at) const;
  void Fail(ErrorCode code, absl::string_view message) { reply(Failure(code, message)); }
};

}  // namespace nexus::confluent
