#include "rpc/schema_registry_service.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "rpc/convert.h"
#include "rpc/page.h"
#include "rpc/unary.h"

namespace nexus::rpc {
namespace {

constexpr size_t kViolationsMax = 100;
constexpr char kService[] = "nexus.v1.SchemaRegistryService/";

using RecordPtr = std::shared_ptr<const schema::SchemaRecord>;

void FillSchema(const schema::SchemaRecord& record, v1::Schema& out) {
  out.set_subject(record.subject);
  out.set_version(record.version);
  out.set_format(v1::SCHEMA_FORMAT_JSON_SCHEMA);
  out.set_definition(record.definition);
  out.set_digest(record.digest);
  out.set_registered_by(record.registered_by);
  FillTimestamp(record.registered, *out.mutable_register_time());
  out.set_comment(record.comment);
}

void FillSettings(const schema::CategorySettings& settings, v1::CategorySettings& out) {
  out.set_category(settings.category);
  out.set_schema_mode(settings.schema_mode == schema::SchemaMode::kRequired
                          ? v1::SCHEMA_MODE_REQUIRED
                          : v1::SCHEMA_MODE_OPTIONAL);
}

absl::StatusOr<RecordPtr> Find(engine::Engine& engine, const std::string& subject,
                               uint32_t version) {
  RecordPtr record = engine.schemas().Find(subject, version);
  if (record != nullptr) return record;
  return MakeError(ErrorReason::kNotFound,
                   version == 0 ? absl::StrCat("no schema is registered for ", subject)
                                : absl::StrCat("schema ", subject, " has no version ", version));
}

absl::Status CheckFormat(v1::SchemaFormat format) {
  if (format == v1::SCHEMA_FORMAT_UNSPECIFIED || format == v1::SCHEMA_FORMAT_JSON_SCHEMA) {
    return absl::OkStatus();
  }
  return MakeError(ErrorReason::kMalformedRequest,
                   "format is not a value of nexus.v1.SchemaFormat that this server knows");
}

}  // namespace

grpc::ServerUnaryReactor* SchemaRegistryService::RegisterSchema(
    grpc::CallbackServerContext* context, const v1::RegisterSchemaRequest* request,
    v1::Schema* response) {
  auto call =
      std::make_shared<UnaryCall>(context, parts_, absl::StrCat(kService, "RegisterSchema"));
  absl::Status status = call->caller().status();
  if (status.ok()) status = CheckFormat(request->format());
  if (!status.ok()) {
    call->Finish(status);
    return call->reactor();
  }
  schema::RegisterRequest registration;
  registration.subject = request->subject();
  registration.definition = request->definition();
  registration.comment = request->comment();
  parts_.engine.RegisterSchema(std::move(registration), *std::move(call->caller()),
                               [call, response](absl::StatusOr<RecordPtr> record) {
                                 if (record.ok()) FillSchema(**record, *response);
                                 call->Finish(record.status());
                               });
  return call->reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::GetSchema(grpc::CallbackServerContext* context,
                                                           const v1::GetSchemaRequest* request,
                                                           v1::Schema* response) {
  UnaryCall call(context, parts_, absl::StrCat(kService, "GetSchema"));
  absl::Status status = call.caller().status();
  if (status.ok()) {
    const absl::StatusOr<RecordPtr> record =
        Find(parts_.engine, request->subject(), request->version());
    status = record.status();
    if (record.ok()) FillSchema(**record, *response);
  }
  call.Finish(status);
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::ListSchemas(grpc::CallbackServerContext* context,
                                                             const v1::ListSchemasRequest* request,
                                                             v1::ListSchemasResponse* response) {
  UnaryCall call(context, parts_, absl::StrCat(kService, "ListSchemas"));
  schema::SchemaQuery query;
  query.subject = request->subject();
  query.latest_only = request->latest_only();
  const PageKey key{absl::StrCat(query.subject, "\n", query.latest_only)};
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
    const schema::SchemaPage page = parts_.engine.schemas().List(query);
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
  absl::Status status = call.caller().status();
  if (status.ok()) {
    const absl::StatusOr<RecordPtr> record =
        Find(parts_.engine, request->subject(), request->version());
    status = record.status();
    if (record.ok()) {
      const auto violations = (*record)->compiled->Validate(request->data(), kViolationsMax);
      status = violations.status();
      response->set_version((*record)->version);
      response->set_valid(violations.ok() && violations->empty());
      for (const Violation& v : violations.value_or(std::vector<Violation>())) {
        v1::SchemaViolation& row = *response->add_violations();
        row.set_pointer(v.pointer);
        row.set_keyword(v.keyword);
        row.set_expected(v.expected);
        row.set_actual(v.actual);
        row.set_message(v.message);
      }
    }
  }
  call.Finish(status);
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::GetCategorySettings(
    grpc::CallbackServerContext* context, const v1::GetCategorySettingsRequest* request,
    v1::CategorySettings* response) {
  UnaryCall call(context, parts_, absl::StrCat(kService, "GetCategorySettings"));
  absl::Status status = call.caller().status();
  if (status.ok()) status = StreamName::Parse(request->category()).status();
  if (status.ok()) {
    FillSettings(parts_.engine.schemas().GetCategory(request->category()), *response);
  }
  call.Finish(status);
  return call.reactor();
}

grpc::ServerUnaryReactor* SchemaRegistryService::UpdateCategorySettings(
    grpc::CallbackServerContext* context, const v1::UpdateCategorySettingsRequest* request,
    v1::CategorySettings* response) {
  auto call = std::make_shared<UnaryCall>(context, parts_,
                                          absl::StrCat(kService, "UpdateCategorySettings"));
  const v1::CategorySettings& wanted = request->category_settings();
  absl::Status status = call->caller().status();
  if (status.ok() && wanted.schema_mode() != v1::SCHEMA_MODE_REQUIRED &&
      wanted.schema_mode() != v1::SCHEMA_MODE_OPTIONAL) {
    status = MakeError(ErrorReason::kMalformedRequest,
                       "category_settings.schema_mode must be REQUIRED or OPTIONAL");
  }
  if (!status.ok()) {
    call->Finish(status);
    return call->reactor();
  }
  schema::CategorySettings settings;
  settings.category = wanted.category();
  settings.schema_mode = wanted.schema_mode() == v1::SCHEMA_MODE_REQUIRED
                             ? schema::SchemaMode::kRequired
                             : schema::SchemaMode::kOptional;
  parts_.engine.UpdateCategory(std::move(settings), *std::move(call->caller()),
                               [call, response](absl::StatusOr<schema::CategorySettings> now) {
                                 if (now.ok()) FillSettings(*now, *response);
                                 call->Finish(now.status());
                               });
  return call->reactor();
}

}  // namespace nexus::rpc
