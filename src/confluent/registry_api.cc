#include "confluent/registry_api.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "confluent/bodies.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::confluent {
namespace {

constexpr absl::Duration kTimeout = absl::Seconds(10);
constexpr char kTakesUnknown[] = "confluent-accept-unknown-properties";

// "Basic" carries the token as its password; the name before it is not looked at.
std::string BearerOf(absl::string_view authorization) {
  std::string pair;
  if (!absl::ConsumePrefix(&authorization, "Basic ") ||
      !absl::Base64Unescape(authorization, &pair)) {
    return std::string(authorization);
  }
  return absl::StrCat("Bearer ", pair.substr(pair.find(':') + 1));
}

}  // namespace

http::Area RegistryApi::Area(std::string prefix, size_t body_bytes_max) {
  const size_t skipped = prefix.size();
  return {std::move(prefix), body_bytes_max,
          [this, skipped](http::Request request, http::Reply reply) {
            Answer(std::move(request), skipped, std::move(reply));
          }};
}

const schema::SchemaCatalog& RegistryApi::catalog() const {
  return parts_.engine.schemas().catalog();
}

std::string RegistryApi::Call::Subject(size_t at) const {
  absl::string_view subject = segments[at];
  absl::ConsumePrefix(&subject, ":.:");
  return std::string(subject);
}

absl::StatusOr<engine::Caller> RegistryApi::CallerOf(const http::Request& request) const {
  const auto header = request.headers.find("authorization");
  const std::string bearer = header == request.headers.end() ? "" : BearerOf(header->second);
  NEXUS_ASSIGN_OR_RETURN(identity::Identity identity,
                         parts_.authenticator.Authenticate({bearer, ""}));
  engine::Caller caller;
  caller.principal = std::move(identity.principal);
  caller.access = std::move(identity.access);
  // What writes is asked about its subject by the engine; nothing here is for whoever may not read.
  if (caller.access != nullptr &&
      !caller.access->AllowsSomething(identity::Operation::kSchemaRead)) {
    return identity::AccessDenied(caller.principal, identity::Operation::kSchemaRead, "");
  }
  caller.deadline = parts_.engine.clock().Monotonic() + kTimeout;
  return caller;
}

void RegistryApi::Answer(http::Request request, size_t skipped, http::Reply reply) {
  absl::StatusOr<engine::Caller> caller = CallerOf(request);
  if (!caller.ok()) return reply(FailureOf(caller.status()));
  Call call;
  call.caller = *std::move(caller);
  call.segments = SegmentsOf(request.path, skipped);
  // Only the default context is there; it may be written out.
  if (call.segments.size() > 1 && call.segments[0] == "contexts" &&
      (call.segments[1] == "." || call.segments[1] == ":.:")) {
    call.segments.erase(call.segments.begin(), call.segments.begin() + 2);
  }
  call.parameters = Parameters(request.query);
  call.form = call.parameters.Text("format");
  call.method = request.method;
  call.body = std::move(request.body);
  const auto takes = request.headers.find(kTakesUnknown);
  call.extended = takes != request.headers.end() && absl::EqualsIgnoreCase(takes->second, "true");
  call.reply = std::move(reply);
  const Handler handler = FindHandler(call);
  if (handler == nullptr) return call.Fail(ErrorCode::kNoPage, "HTTP 404 Not Found");
  (this->*handler)(std::move(call));
}

RegistryApi::Handler RegistryApi::FindHandler(const Call& call) const {
  const auto& at = call.segments;
  const bool get = call.method == "GET";
  if (at.empty()) return get ? &RegistryApi::GetRoot : nullptr;
  if (at[0] == "subjects") return FindSubjectHandler(call);
  if (at[0] == "schemas" && get) return FindSchemaHandler(call);
  if (at[0] == "contexts" && at.size() == 1 && get) return &RegistryApi::ListContexts;
  if (at[0] == "v1" && at.size() == 3 && at[1] == "metadata" && get) {
    return &RegistryApi::GetClusterId;
  }
  if (at[0] == "compatibility" && at.size() >= 4 && at.size() <= 5 && at[1] == "subjects" &&
      at[3] == "versions" && call.method == "POST") {
    return &RegistryApi::CheckCompatibility;
  }
  if (at.size() > 2) return nullptr;
  if (at[0] == "config") {
    if (get) return &RegistryApi::GetConfig;
    if (call.method == "PUT") return &RegistryApi::PutConfig;
    if (call.method == "DELETE") return &RegistryApi::DeleteConfig;
  }
  if (at[0] == "mode") {
    if (get) return &RegistryApi::GetMode;
    if (call.method == "PUT") return &RegistryApi::PutMode;
    if (call.method == "DELETE") return &RegistryApi::DeleteMode;
  }
  return nullptr;
}

RegistryApi::Handler RegistryApi::FindSubjectHandler(const Call& call) const {
  const auto& at = call.segments;
  const bool get = call.method == "GET";
  const bool post = call.method == "POST";
  const bool remove = call.method == "DELETE";
  if (at.size() == 1) return get ? &RegistryApi::ListSubjects : nullptr;
  if (at.size() == 2 && post) return &RegistryApi::Lookup;
  if (at.size() == 2 && remove) return &RegistryApi::DeleteSubject;
  if (at.size() == 3 && at[2] == "metadata" && get) return &RegistryApi::GetMetadata;
  if (at.size() < 3 || at[2] != "versions") return nullptr;
  if (at.size() == 3) {
    return get ? &RegistryApi::ListVersions : post ? &RegistryApi::Register : nullptr;
  }
  if (at.size() == 4) {
    return get ? &RegistryApi::GetVersion : remove ? &RegistryApi::DeleteVersion : nullptr;
  }
  if (at.size() != 5 || !get) return nullptr;
  if (at[4] == "schema") return &RegistryApi::GetVersionSchema;
  if (at[4] == "referencedby") return &RegistryApi::GetReferencedBy;
  return nullptr;
}

RegistryApi::Handler RegistryApi::FindSchemaHandler(const Call& call) const {
  const auto& at = call.segments;
  if (at.size() == 1) return &RegistryApi::ListSchemas;
  if (at.size() == 2 && at[1] == "types") return &RegistryApi::ListTypes;
  if (at.size() == 3 && at[1] == "guids") return &RegistryApi::GetByGuid;
  if (at[1] != "ids" || at.size() < 3) return nullptr;
  if (at.size() == 3) return &RegistryApi::GetById;
  if (at.size() != 4) return nullptr;
  if (at[3] == "schema") return &RegistryApi::GetIdSchema;
  if (at[3] == "subjects") return &RegistryApi::GetIdSubjects;
  if (at[3] == "versions") return &RegistryApi::GetIdVersions;
  return nullptr;
}

}  // namespace nexus::confluent
