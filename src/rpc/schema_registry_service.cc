#include "rpc/schema_registry_service.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "rpc/page.h"
#include "rpc/schema_convert.h"
#include "rpc/unary.h"

namespace nexus::rpc {
namespace {

constexpr size_t kViolationsMax = 100;
const std::vector<uint32_t> kNoVersions;
constexpr char kService[] = "nexus.v1.SchemaRegistryService/";

using RecordPtr = std::shared_ptr<const schema::SchemaRecord>;

absl::StatusOr<RecordPtr> Find(const schema::SchemaCatalog& catalog,
                               const v1::GetSchemaRequest& request) {
  uint32_t id = request.id();
  if (id == 0 && !request.guid().empty()) {
    id = catalog.IdOfGuid(request.guid());
    if (id == 0) return MakeError(ErrorReason::kNotFound, "no schema has this GUID");
  }
  if (id != 0) {
    const std::vector<RecordPtr> records = catalog.WithId(id);
    if (records.empty()) {
      return MakeError(ErrorReason::kNotFound, absl::StrCat("no schema has the id ", id));
    }
    return records.front();
  }
  RecordPtr record = catalog.Find(request.subject(), request.version());
  if (record == nullptr && request.include_deleted()) {
    schema::SchemaQuery query;
    query.subject = request.subject();
    query.latest_only = request.version() == 0;
    query.deleted = schema::Deleted::kIncluded;
    query.after_subject = request.version() == 0 ? "" : request.subject();
    query.after_version = request.version() == 0 ? 0 : request.version() - 1;
    query.limit = 1;
    const schema::SchemaPage page = catalog.List(query);
    if (!page.records.empty()) record = page.records.front();
    if (record != nullptr && request.version() != 0 && record->version != request.version()) {
      record = nullptr;
    }
  }
  if (record != nullptr) return record;
  return schema::NoSuchVersion(request.subject(), request.version());
}

}  // namespace

grpc::ServerUnaryReactor* SchemaRegistryService::RegisterSchema(
    grpc::CallbackServerContext* context, const v1::RegisterSchemaRequest* request,
    v1::Schema* response) {
  auto call =
      std::make_shared<UnaryCall>(context, parts_, absl::StrCat(kService, "RegisterSchema"));
  absl::StatusOr<schema::RegisterRequest> registration = ToRegistration(*request);
  if (!call->Ready(registration.status())) return call->reactor();
  parts_.engine.RegisterSchema(*std::move(registration), *std::move(call->caller()),
                               [call, response](absl::StatusOr<RecordPtr> record) {
                                 if (record.ok()) FillSchema(**record, *response);
                                 call->Finish(record.status());
                               });
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::LookupSchema(
    grpc::CallbackServerContext* context, const v1::LookupSchemaRequest* request,
    v1::Schema* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_, absl::StrCat(kService, "LookupSchema"));
  absl::StatusOr<schema::RegisterRequest> wanted = ToRegistration(*request);
  if (!call->Ready(wanted.status())) return call->reactor();
  parts_.engine.schemas().Lookup(*std::move(wanted), request->include_deleted(),
                                 [call, response](absl::StatusOr<RecordPtr> record) {
                                   if (record.ok()) FillSchema(**record, *response);
                                   call->Finish(record.status());
                                 });
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::DeleteSchema(
    grpc::CallbackServerContext* context, const v1::DeleteSchemaRequest* request,
    v1::DeleteSchemaResponse* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_, absl::StrCat(kService, "DeleteSchema"));
  if (!call->Ready(absl::OkStatus())) return call->reactor();
  schema::DeleteRequest deletion;
  deletion.subject = request->subject();
  deletion.version = request->version();
  deletion.permanent = request->permanent();
  deletion.comment = request->comment();
  parts_.engine.DeleteSchema(std::move(deletion), *std::move(call->caller()),
                             [call, response](absl::StatusOr<std::vector<uint32_t>> versions) {
                               for (const uint32_t version : versions.value_or(kNoVersions)) {
                                 response->add_versions(version);
                               }
                               call->Finish(versions.status());
                             });
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::GetSchema(grpc::CallbackServerContext* context,
                                                           const v1::GetSchemaRequest* request,
                                                           v1::Schema* response) {
  UnaryCall call(context, parts_, absl::StrCat(kService, "GetSchema"));
  if (!call.Ready(absl::OkStatus())) return call.reactor();
  const absl::StatusOr<RecordPtr> record = Find(parts_.engine.schemas().catalog(), *request);
  if (record.ok()) FillSchema(**record, *response);
  call.Finish(record.status());
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::ListSchemas(grpc::CallbackServerContext* context,
                                                             const v1::ListSchemasRequest* request,
                                                             v1::ListSchemasResponse* response) {
  UnaryCall call(context, parts_, absl::StrCat(kService, "ListSchemas"));
  schema::SchemaQuery query;
  query.subject = request->subject();
  query.subject_prefix = request->subject_prefix();
  query.latest_only = request->latest_only();
  if (request->include_deleted()) query.deleted = schema::Deleted::kIncluded;
  const PageKey key{absl::StrCat(query.subject, "\n", query.subject_prefix, "\n", query.latest_only,
                                 request->include_deleted())};
  std::string after;
  absl::Status status = call.caller().status();
  if (status.ok()) {
    status = ReadPageRequest(request->page_size(), request->page_token(), key, query.limit, after);
  }
  if (status.ok() && !after.empty()) {
    // "version subject": a subject may hold anything but a version is a number.
    const size_t space = after.find(' ');
    query.after_subject = space == std::string::npos ? after : after.substr(space + 1);
    if (!absl::SimpleAtoi(after.substr(0, space), &query.after_version)) query.after_version = 0;
  }
  if (status.ok()) {
    const schema::SchemaPage page = parts_.engine.schemas().catalog().List(query);
    for (const RecordPtr& record : page.records) FillSchema(*record, *response->add_schemas());
    if (!page.end) {
      const schema::SchemaRecord& last = *page.records.back();
      response->set_next_page_token(
          MakePageToken(key, absl::StrCat(last.version, " ", last.subject)));
    }
  }
  call.Finish(status);
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::ValidateData(
    grpc::CallbackServerContext* context, const v1::ValidateDataRequest* request,
    v1::ValidateDataResponse* response) {
  UnaryCall call(context, parts_, absl::StrCat(kService, "ValidateData"));
  if (!call.Ready(absl::OkStatus())) return call.reactor();
  const RecordPtr record = parts_.engine.schemas().Find(request->subject(), request->version());
  if (record == nullptr) {
    call.Finish(schema::NoSuchVersion(request->subject(), request->version()));
    return call.reactor();
  }
  const auto violations = record->compiled->Validate(request->data(), kViolationsMax);
  response->set_version(record->version);
  response->set_valid(violations.ok() && violations->empty());
  for (const Violation& v : violations.value_or(std::vector<Violation>())) {
    FillViolation(v, *response->add_violations());
  }
  call.Finish(violations.status());
  return call.reactor();
}

}  // namespace nexus::rpc
