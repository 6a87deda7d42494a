// What registers, looks up, judges and deletes.

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "confluent/bodies.h"
#include "confluent/registry_api.h"
#include "nexus/core/errors.h"

namespace nexus::confluent {
namespace {

using schema::SchemaRecordPtr;
using schema::SchemaState;

bool HasState(const std::vector<SchemaRecordPtr>& versions, uint32_t version, SchemaState state) {
  return std::any_of(versions.begin(), versions.end(), [&](const auto& record) {
    return (version == 0 || record->version == version) && record->state == state;
  });
}

}  // namespace

void RegistryApi::Register(Call call) {
  absl::StatusOr<schema::RegisterRequest> request = ReadRegistration(call.body, parts_.json);
  if (!request.ok()) return call.reply(FailureOf(request.status()));
  request->subject = call.Subject(1);
  request->normalize = call.parameters.Flag("normalize");
  parts_.engine.RegisterSchema(
      *std::move(request), std::move(call.caller),
      [reply = std::move(call.reply), form = call.form,
       extended = call.extended](absl::StatusOr<SchemaRecordPtr> record) mutable {
        if (!record.ok()) return reply(FailureOf(record.status(), ErrorCode::kInvalidSchema));
        reply(Json(extended ? SchemaBody(**record, {.extended = true, .form = form})
                            : absl::StrCat("{\"id\":", (*record)->id, "}")));
      });
}

void RegistryApi::Lookup(Call call) {
  absl::StatusOr<schema::RegisterRequest> request = ReadRegistration(call.body, parts_.json);
  if (!request.ok()) return call.reply(FailureOf(request.status()));
  request->subject = call.Subject(1);
  request->normalize = call.parameters.Flag("normalize");
  const bool deleted_too = call.parameters.Flag("deleted");
  const std::vector<SchemaRecordPtr> versions = catalog().VersionsAndDeleted(request->subject);
  const bool known =
      HasState(versions, 0, SchemaState::kLive) || (deleted_too && !versions.empty());
  if (!known) {
    return call.Fail(ErrorCode::kNoSubject,
                     absl::StrCat("Subject '", request->subject, "' not found."));
  }
  parts_.engine.schemas().Lookup(
      *std::move(request), deleted_too,
      [reply = std::move(call.reply), form = call.form,
       extended = call.extended](absl::StatusOr<SchemaRecordPtr> record) mutable {
        if (!record.ok()) {
          return reply(ReasonOf(record.status()) == ErrorReason::kNotFound
                           ? Failure(ErrorCode::kNoSchema, "Schema not found")
                           : FailureOf(record.status()));
        }
        reply(Json(SchemaBody(**record, {.extended = extended, .form = form})));
      });
}

void RegistryApi::CheckCompatibility(Call call) {
  absl::StatusOr<schema::RegisterRequest> request = ReadRegistration(call.body, parts_.json);
  if (!request.ok()) return call.reply(FailureOf(request.status()));
  request->subject = call.Subject(2);
  uint32_t version = 0;
  if (call.segments.size() == 5) {
    const std::string& text = call.segments[4];
    const SchemaRecordPtr latest = catalog().Find(request->subject, 0);
    if (text == "latest" || text == "-1") {
      // Nothing is incompatible with nothing.
      if (latest == nullptr) return call.reply(Json(R"({"is_compatible":true})"));
      version = latest->version;
    } else if (!absl::SimpleAtoi(text, &version) || version == 0) {
      return call.Fail(ErrorCode::kInvalidVersion, absl::StrCat("The specified version '", text,
                                                                "' is not a valid version id."));
    }
    if (catalog().Find(request->subject, version) == nullptr) {
      return call.Fail(latest == nullptr ? ErrorCode::kNoSubject : ErrorCode::kNoVersion,
                       absl::StrCat("Version ", version, " not found."));
    }
  }
  const bool verbose = call.parameters.Flag("verbose");
  parts_.engine.schemas().CheckCompatibility(
      *std::move(request), version,
      [reply = std::move(call.reply),
       verbose](absl::StatusOr<schema::JudgedSchema> judged) mutable {
        if (!judged.ok()) return reply(FailureOf(judged.status(), ErrorCode::kNoVersion));
        std::string body =
            absl::StrCat("{\"is_compatible\":", judged->verdict.compatible() ? "true" : "false");
        if (verbose) {
          std::vector<std::string> messages;
          for (const CompatibilityFinding& finding : judged->verdict.findings) {
            messages.push_back(absl::StrCat("{errorType:'", finding.rule, "', description:'",
                                            finding.message, ". ", finding.fix, "', path:'",
                                            finding.path, "', oldVersion:", finding.version, "}"));
          }
          absl::StrAppend(&body, ",\"messages\":", StringsBody(messages));
        }
        reply(Json(body + "}"));
      });
}

void RegistryApi::DeleteSubject(Call call) {
  const std::string subject = call.Subject(1);
  const std::vector<SchemaRecordPtr> versions = catalog().VersionsAndDeleted(subject);
  const bool permanent = call.parameters.Flag("permanent");
  const bool live = HasState(versions, 0, SchemaState::kLive);
  if (versions.empty()) {
    return call.Fail(ErrorCode::kNoSubject, absl::StrCat("Subject '", subject, "' not found."));
  }
  if (permanent && live) {
    return call.Fail(ErrorCode::kSubjectNotSoftDeleted,
                     absl::StrCat("Subject '", subject,
                                  "' was not deleted first before being permanently deleted"));
  }
  if (!permanent && !live) {
    return call.Fail(ErrorCode::kSubjectSoftDeleted,
                     absl::StrCat("Subject '", subject,
                                  "' was soft deleted. Set permanent=true to delete permanently"));
  }
  Delete(std::move(call), 0);
}

void RegistryApi::DeleteVersion(Call call) {
  const std::string subject = call.Subject(1);
  const std::string& text = call.segments[3];
  const std::vector<SchemaRecordPtr> versions = catalog().VersionsAndDeleted(subject);
  const bool permanent = call.parameters.Flag("permanent");
  uint32_t version = 0;
  if (text == "latest" || text == "-1") {
    const SchemaRecordPtr latest = catalog().Find(subject, 0);
    if (latest != nullptr) version = latest->version;
  } else if (!absl::SimpleAtoi(text, &version) || version == 0) {
    return call.Fail(ErrorCode::kInvalidVersion,
                     absl::StrCat("The specified version '", text, "' is not a valid version id."));
  }
  const bool live = HasState(versions, version, SchemaState::kLive);
  const bool deleted = HasState(versions, version, SchemaState::kDeleted);
  if (versions.empty()) {
    return call.Fail(ErrorCode::kNoSubject, absl::StrCat("Subject '", subject, "' not found."));
  }
  if (version == 0 || (!live && !deleted)) {
    return call.Fail(ErrorCode::kNoVersion, absl::StrCat("Version ", text, " not found."));
  }
  if (permanent && live) {
    return call.Fail(ErrorCode::kVersionNotSoftDeleted,
                     absl::StrCat("Subject '", subject, "' Version ", version,
                                  " was not deleted first before being permanently deleted"));
  }
  if (!permanent && !live) {
    return call.Fail(ErrorCode::kVersionSoftDeleted,
                     absl::StrCat("Subject '", subject, "' Version ", version,
                                  " was soft deleted. Set permanent=true to delete permanently"));
  }
  Delete(std::move(call), version);
}

void RegistryApi::Delete(Call call, uint32_t version) {
  schema::DeleteRequest request;
  request.subject = call.Subject(1);
  request.version = version;
  request.permanent = call.parameters.Flag("permanent");
  parts_.engine.DeleteSchema(
      std::move(request), std::move(call.caller),
      [reply = std::move(call.reply),
       version](absl::StatusOr<std::vector<uint32_t>> versions) mutable {
        if (!versions.ok()) return reply(FailureOf(versions.status()));
        reply(Json(version == 0 ? NumbersBody(*versions) : absl::StrCat(version)));
      });
}

}  // namespace nexus::confluent
