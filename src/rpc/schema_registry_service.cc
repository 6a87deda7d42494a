#include "rpc/schema_registry_service.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "rpc/page.h"
#include "rpc/schema_convert.h"
#include "rpc/service_names.h"

namespace nexus::rpc {
namespace {

constexpr size_t kViolationsMax = 100;
const std::vector<uint32_t> kNoVersions;

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
  if (record != nullptr) return record;
  if (request.include_deleted()) {
    const std::vector<RecordPtr> stored = catalog.VersionsAndDeleted(request.subject());
    const auto found = std::find_if(stored.rbegin(), stored.rend(), [&](const RecordPtr& one) {
      return request.version() == 0 || one->version == request.version();
    });
    if (found != stored.rend()) return *found;
  }
  return schema::NoSuchVersion(request.subject(), request.version());
}

// As an append would take them.
void FillFindings(const DataFindings& findings, UndeclaredFields undeclared,
                  v1::ValidateDataResponse& out) {
  for (const Violation& v : findings.violations) FillViolation(v, *out.add_violations());
  for (const Violation& v : findings.undeclared) {
    if (undeclared == UndeclaredFields::kWarn) FillViolation(v, *out.add_warnings());
    if (undeclared != UndeclaredFields::kReject) continue;
    if (static_cast<size_t>(out.violations_size()) >= kViolationsMax) break;
    FillViolation(v, *out.add_violations());
  }
  out.set_valid(out.violations().empty());
}

}  // namespace

void SchemaRegistryService::AddTo(MethodTable& table) {
  using Self = SchemaRegistryService;
  table.Add(kSchemaRegistryService, "RegisterSchema", Unary(parts_, *this, &Self::RegisterSchema));
  table.Add(kSchemaRegistryService, "GetSchema", Unary(parts_, *this, &Self::GetSchema));
  table.Add(kSchemaRegistryService, "LookupSchema", Unary(parts_, *this, &Self::LookupSchema));
  table.Add(kSchemaRegistryService, "DeleteSchema", Unary(parts_, *this, &Self::DeleteSchema));
  table.Add(kSchemaRegistryService, "ListSchemas", Unary(parts_, *this, &Self::ListSchemas));
  table.Add(kSchemaRegistryService, "ValidateData", Unary(parts_, *this, &Self::ValidateData));
  table.Add(kSchemaRegistryService, "CheckCompatibility",
            Unary(parts_, *this, &Self::CheckCompatibility));
  table.Add(kSchemaRegistryService, "ObserveSchema",
            {[this](ServerCall& call, const grpc::ByteBuffer& request) {
              ObserveSchema(call, request);
            }});
  table.Add(kSchemaRegistryService, "GetCompatibility",
            Unary(parts_, *this, &Self::GetCompatibility));
  table.Add(kSchemaRegistryService, "UpdateCompatibility",
            Unary(parts_, *this, &Self::UpdateCompatibility));
  table.Add(kSchemaRegistryService, "GetRegistryMode",
            Unary(parts_, *this, &Self::GetRegistryMode));
  table.Add(kSchemaRegistryService, "UpdateRegistryMode",
            Unary(parts_, *this, &Self::UpdateRegistryMode));
  table.Add(kSchemaRegistryService, "GetValidation", Unary(parts_, *this, &Self::GetValidation));
  table.Add(kSchemaRegistryService, "UpdateValidation",
            Unary(parts_, *this, &Self::UpdateValidation));
  table.Add(kSchemaRegistryService, "GetCategorySettings",
            Unary(parts_, *this, &Self::GetCategorySettings));
  table.Add(kSchemaRegistryService, "UpdateCategorySettings",
            Unary(parts_, *this, &Self::UpdateCategorySettings));
}

void SchemaRegistryService::RegisterSchema(UnaryPtr<v1::RegisterSchemaRequest, v1::Schema> call) {
  absl::StatusOr<schema::RegisterRequest> registration = ToRegistration(call->request());
  if (!call->Ready(registration.status())) return;
  parts_.engine.RegisterSchema(*std::move(registration), std::move(call->caller()),
                               [call](absl::StatusOr<RecordPtr> record) {
                                 if (record.ok()) FillWholeSchema(**record, call->response());
                                 call->Finish(record.status());
                               });
}

void SchemaRegistryService::LookupSchema(UnaryPtr<v1::LookupSchemaRequest, v1::Schema> call) {
  absl::StatusOr<schema::RegisterRequest> wanted = ToRegistration(call->request());
  if (!call->Ready(wanted.status())) return;
  parts_.engine.schemas().Lookup(*std::move(wanted), call->request().include_deleted(),
                                 [call](absl::StatusOr<RecordPtr> record) {
                                   if (record.ok()) FillWholeSchema(**record, call->response());
                                   call->Finish(record.status());
                                 });
}

void SchemaRegistryService::DeleteSchema(
    UnaryPtr<v1::DeleteSchemaRequest, v1::DeleteSchemaResponse> call) {
  schema::DeleteRequest deletion;
  deletion.subject = call->request().subject();
  deletion.version = call->request().version();
  deletion.permanent = call->request().permanent();
  deletion.comment = call->request().comment();
  parts_.engine.DeleteSchema(std::move(deletion), std::move(call->caller()),
                             [call](absl::StatusOr<std::vector<uint32_t>> versions) {
                               for (const uint32_t version : versions.value_or(kNoVersions)) {
                                 call->response().add_versions(version);
                               }
                               call->Finish(versions.status());
                             });
}

void SchemaRegistryService::GetSchema(UnaryPtr<v1::GetSchemaRequest, v1::Schema> call) {
  const absl::StatusOr<RecordPtr> record = Find(parts_.engine.schemas().catalog(), call->request());
  if (record.ok()) FillWholeSchema(**record, call->response());
  call->Finish(record.status());
}

void SchemaRegistryService::ListSchemas(
    UnaryPtr<v1::ListSchemasRequest, v1::ListSchemasResponse> call) {
  const v1::ListSchemasRequest& request = call->request();
  schema::SchemaQuery query;
  query.subject = request.subject();
  query.subject_prefix = request.subject_prefix();
  query.latest_only = request.latest_only();
  if (request.include_deleted()) query.deleted = schema::Deleted::kIncluded;
  const PageKey key{absl::StrCat(query.subject, "\n", query.subject_prefix, "\n", query.latest_only,
                                 request.include_deleted())};
  std::string after;
  if (!call->Ready(
          ReadPageRequest(request.page_size(), request.page_token(), key, query.limit, after))) {
    return;
  }
  if (!after.empty()) {
    // "version subject": a subject may hold anything but a version is a number.
    const size_t space = after.find(' ');
    query.after_subject = space == std::string::npos ? after : after.substr(space + 1);
    if (!absl::SimpleAtoi(after.substr(0, space), &query.after_version)) query.after_version = 0;
  }
  v1::ListSchemasResponse& response = call->response();
  const schema::SchemaPage page = parts_.engine.schemas().catalog().List(query);
  for (const RecordPtr& record : page.records) FillSchema(*record, *response.add_schemas());
  if (!page.end) {
    const schema::SchemaRecord& last = *page.records.back();
    response.set_next_page_token(MakePageToken(key, absl::StrCat(last.version, " ", last.subject)));
  }
  call->Finish(absl::OkStatus());
}

void SchemaRegistryService::ValidateData(
    UnaryPtr<v1::ValidateDataRequest, v1::ValidateDataResponse> call) {
  const v1::ValidateDataRequest& request = call->request();
  const RecordPtr record = parts_.engine.schemas().Find(request.subject(), request.version());
  if (record == nullptr) {
    call->Finish(schema::NoSuchVersion(request.subject(), request.version()));
    return;
  }
  const auto findings = record->compiled->Inspect(request.data(), kViolationsMax, kViolationsMax);
  const UndeclaredFields undeclared =
      parts_.engine.schemas().catalog().UndeclaredFieldsOf(record->subject, record->format);
  call->response().set_version(record->version);
  if (findings.ok()) FillFindings(*findings, undeclared, call->response());
  call->Finish(findings.status());
}

}  // namespace nexus::rpc
