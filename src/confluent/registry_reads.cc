// What is asked of schemas that are there.

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "confluent/bodies.h"
#include "confluent/registry_api.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"

namespace nexus::confluent {
namespace {

using schema::Deleted;
using schema::SchemaQuery;
using schema::SchemaRecordPtr;

constexpr size_t kEverything = SIZE_MAX;

Deleted DeletedOf(const http::Parameters& parameters) {
  if (parameters.Flag("deletedOnly")) return Deleted::kOnly;
  return parameters.Flag("deleted") ? Deleted::kIncluded : Deleted::kLeftOut;
}

// As in Confluent's registry: more must be asked for in parts.
constexpr size_t kSubjectsMax = 20'000;
constexpr size_t kSchemasMax = 1'000;

// The part of an answer that `offset` and `limit` ask for; no limit, or one below 1, is `most`.
struct Part {
  Part(const http::Parameters& parameters, size_t most)
      : first(static_cast<size_t>(std::max<int64_t>(0, parameters.Number("offset", 0)))),
        count(most) {
    const int64_t limit = parameters.Number("limit", 0);
    if (limit > 0) count = std::min(count, static_cast<size_t>(limit));
  }

  size_t first;
  size_t count;
};

template <typename T>
void Take(const Part& part, std::vector<T>& all) {
  const auto first = static_cast<std::ptrdiff_t>(std::min(all.size(), part.first));
  all.erase(all.begin(), all.begin() + first);
  if (all.size() > part.count) all.resize(part.count);
}

// "latest" and "-1" are the latest: 0. False if it is no version.
bool ParseVersion(absl::string_view text, uint32_t& version) {
  version = 0;
  if (text == "latest" || text == "-1") return true;
  return absl::SimpleAtoi(text, &version) && version >= 1 && version <= INT32_MAX;
}

// The default context, or all of them, which is the same here, may be written out.
std::string WithoutContext(std::string prefix) {
  if (absl::StartsWith(prefix, ":*:") || absl::StartsWith(prefix, ":.:")) prefix.erase(0, 3);
  return prefix;
}

std::string NoSubject(absl::string_view subject) {
  return absl::StrCat("Subject '", subject, "' not found.");
}

}  // namespace

absl::StatusOr<SchemaRecordPtr> RegistryApi::FindVersion(const Call& call, ErrorCode& code) const {
  const std::string subject = call.Subject(1);
  uint32_t version = 0;
  if (!ParseVersion(call.segments[3], version)) {
    code = ErrorCode::kInvalidVersion;
    return absl::InvalidArgumentError(
        absl::StrCat("The specified version '", call.segments[3],
                     "' is not a valid version id. Allowed values are between [1, 2^31-1] and the "
                     "string \"latest\""));
  }
  const bool deleted_too = call.parameters.Flag("deleted");
  std::vector<SchemaRecordPtr> versions = catalog().VersionsAndDeleted(subject);
  const bool known = std::any_of(versions.begin(), versions.end(), [&](const auto& record) {
    return deleted_too || record->state == schema::SchemaState::kLive;
  });
  code = known ? ErrorCode::kNoVersion : ErrorCode::kNoSubject;
  for (auto at = versions.rbegin(); known && at != versions.rend(); ++at) {
    if (!deleted_too && (*at)->state != schema::SchemaState::kLive) continue;
    if (version == 0 || (*at)->version == version) return *at;
  }
  return absl::NotFoundError(known ? absl::StrCat("Version ", version, " not found.")
                                   : NoSubject(subject));
}

void RegistryApi::GetRoot(Call call) { call.reply(Json("{}")); }

void RegistryApi::GetClusterId(Call call) {
  if (call.segments[2] == "version") {
    return call.reply(Json(R"({"version":"7.9.0","commitId":""})"));
  }
  if (call.segments[2] != "id") return call.Fail(ErrorCode::kNoPage, "HTTP 404 Not Found");
  call.reply(Json(R"({"id":"","scope":{"path":[],"clusters":{}}})"));
}

void RegistryApi::ListContexts(Call call) { call.reply(Json(R"(["."])")); }

void RegistryApi::ListTypes(Call call) { call.reply(Json(R"(["JSON","PROTOBUF","AVRO"])")); }

void RegistryApi::ListSubjects(Call call) {
  SchemaQuery query;
  query.latest_only = true;
  query.deleted = DeletedOf(call.parameters);
  query.limit = kEverything;
  query.subject_prefix = WithoutContext(call.parameters.Text("subjectPrefix"));
  std::vector<std::string> subjects;
  for (const SchemaRecordPtr& record : catalog().List(query).records) {
    // One that has a live version is not a deleted subject.
    if (query.deleted == Deleted::kOnly && catalog().Find(record->subject, 0) != nullptr) continue;
    subjects.push_back(record->subject);
  }
  Take(Part(call.parameters, kSubjectsMax), subjects);
  call.reply(Json(StringsBody(subjects)));
}

void RegistryApi::ListVersions(Call call) {
  SchemaQuery query;
  query.subject = call.Subject(1);
  query.deleted = DeletedOf(call.parameters);
  query.limit = kEverything;
  std::vector<uint32_t> versions;
  for (const SchemaRecordPtr& record : catalog().List(query).records) {
    versions.push_back(record->version);
  }
  if (versions.empty()) return call.Fail(ErrorCode::kNoSubject, NoSubject(query.subject));
  Take(Part(call.parameters, kEverything), versions);
  call.reply(Json(NumbersBody(versions)));
}

void RegistryApi::GetVersion(Call call) {
  ErrorCode code;
  const auto record = FindVersion(call, code);
  if (!record.ok()) return call.Fail(code, record.status().message());
  call.reply(Json(SchemaBody(**record, {.extended = call.extended, .form = call.form})));
}

void RegistryApi::GetVersionSchema(Call call) {
  ErrorCode code;
  const auto record = FindVersion(call, code);
  if (!record.ok()) return call.Fail(code, record.status().message());
  call.reply(Json(DefinitionOf(**record, call.form)));
}

void RegistryApi::GetReferencedBy(Call call) {
  ErrorCode code;
  const auto record = FindVersion(call, code);
  if (!record.ok()) return call.Fail(code, record.status().message());
  std::set<uint32_t> ids;
  for (const SchemaRecordPtr& user :
       catalog().ReferencedBy((*record)->subject, (*record)->version)) {
    ids.insert(user->id);
  }
  call.reply(Json(NumbersBody({ids.begin(), ids.end()})));
}

namespace {

// Whether the metadata of a schema has this property; an empty key asks for none.
bool HasProperty(const schema::SchemaRecord& record, absl::string_view key, absl::string_view value,
                 JsonReader& json) {
  if (key.empty()) return true;
  if (record.metadata.empty()) return false;
  const auto metadata = json.ReadObject(record.metadata);
  if (!metadata.ok() || !metadata->contains("properties")) return false;
  const auto properties = json.ReadObject(metadata->at("properties").text);
  if (!properties.ok()) return false;
  const auto at = properties->find(key);
  return at != properties->end() && at->second.text == value;
}

}  // namespace

void RegistryApi::GetMetadata(Call call) {
  const std::string key = call.parameters.Text("key");
  const std::string value = call.parameters.Text("value");
  const std::vector<SchemaRecordPtr> versions = catalog().Versions(call.Subject(1));
  for (auto at = versions.rbegin(); at != versions.rend(); ++at) {
    if (!HasProperty(**at, key, value, parts_.json)) continue;
    return call.reply(Json(SchemaBody(**at, {.extended = call.extended, .form = call.form})));
  }
  if (versions.empty()) return call.Fail(ErrorCode::kNoSubject, NoSubject(call.Subject(1)));
  call.Fail(ErrorCode::kNoSchema, "Schema not found");
}

void RegistryApi::ListSchemas(Call call) {
  SchemaQuery query;
  query.latest_only = call.parameters.Flag("latestOnly");
  query.deleted = DeletedOf(call.parameters);
  query.subject_prefix = WithoutContext(call.parameters.Text("subjectPrefix"));
  const Part part(call.parameters, kSchemasMax);
  query.limit = part.first + part.count;
  std::vector<SchemaRecordPtr> records = catalog().List(query).records;
  Take(part, records);
  std::string body = "[";
  for (const SchemaRecordPtr& record : records) {
    absl::StrAppend(&body, body.size() > 1 ? "," : "",
                    SchemaBody(*record, {.extended = call.extended, .form = call.form}));
  }
  call.reply(Json(body + "]"));
}

namespace {

// All that has the id in segment 2; empty and an answer if nothing has.
std::vector<SchemaRecordPtr> WithIdOf(const schema::SchemaCatalog& catalog, absl::string_view text,
                                      http::Response& failure) {
  uint32_t id = 0;
  std::vector<SchemaRecordPtr> records;
  if (absl::SimpleAtoi(text, &id)) records = catalog.WithId(id);
  failure = Failure(ErrorCode::kNoSchema, absl::StrCat("Schema ", text, " not found"));
  return records;
}

}  // namespace

void RegistryApi::GetById(Call call) {
  http::Response failure;
  const auto records = WithIdOf(catalog(), call.segments[2], failure);
  if (records.empty()) return call.reply(std::move(failure));
  std::string body = SchemaBody(
      *records.front(), {.extended = call.extended, .with_subject = false, .form = call.form});
  if (call.parameters.Flag("fetchMaxId")) {
    body.pop_back();
    absl::StrAppend(&body, ",\"maxId\":", catalog().NextId() - 1, "}");
  }
  call.reply(Json(std::move(body)));
}

void RegistryApi::GetIdSchema(Call call) {
  http::Response failure;
  const auto records = WithIdOf(catalog(), call.segments[2], failure);
  if (records.empty()) return call.reply(std::move(failure));
  call.reply(Json(DefinitionOf(*records.front(), call.form)));
}

void RegistryApi::GetIdSubjects(Call call) {
  http::Response failure;
  const auto records = WithIdOf(catalog(), call.segments[2], failure);
  if (records.empty()) return call.reply(std::move(failure));
  std::set<std::string> subjects;
  for (const SchemaRecordPtr& record : records) {
    if (call.parameters.Flag("deleted") || record->state == schema::SchemaState::kLive) {
      subjects.insert(record->subject);
    }
  }
  call.reply(Json(StringsBody({subjects.begin(), subjects.end()})));
}

void RegistryApi::GetIdVersions(Call call) {
  http::Response failure;
  const auto records = WithIdOf(catalog(), call.segments[2], failure);
  if (records.empty()) return call.reply(std::move(failure));
  std::string body = "[";
  for (const SchemaRecordPtr& record : records) {
    if (!call.parameters.Flag("deleted") && record->state != schema::SchemaState::kLive) continue;
    absl::StrAppend(&body, body.size() > 1 ? "," : "", "{\"subject\":", JsonString(record->subject),
                    ",\"version\":", record->version, "}");
  }
  call.reply(Json(body + "]"));
}

void RegistryApi::GetByGuid(Call call) {
  const std::vector<SchemaRecordPtr> records =
      catalog().WithId(catalog().IdOfGuid(call.segments[2]));
  if (records.empty()) {
    return call.Fail(ErrorCode::kNoSchema, absl::StrCat("Schema ", call.segments[2], " not found"));
  }
  call.reply(Json(SchemaBody(
      *records.front(), {.extended = call.extended, .with_subject = false, .form = call.form})));
}

}  // namespace nexus::confluent
