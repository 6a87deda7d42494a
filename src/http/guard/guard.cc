#include "http/guard/guard.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "http/guard/route_access.h"
#include "http/standard_routes.h"
#include "identity/access/access.h"
#include "identity/client_network.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::http {
namespace {

constexpr absl::string_view kBasic = "Basic ";

bool Allows(const identity::Access& access, identity::Operation operation, OperationScope scope) {
  return scope == OperationScope::kServer ? access.AllowsServer(operation)
                                          : access.AllowsSomething(operation);
}

int StatusOf(ErrorReason reason) {
  switch (reason) {
    case ErrorReason::kUnauthenticated:
      return 401;
    case ErrorReason::kAccessDenied:
      return 403;
    case ErrorReason::kRateLimited:
      return 429;
    case ErrorReason::kNotReady:
      return 503;
    default:
      return 500;
  }
}

}  // namespace

std::string BearerOf(const Request& request) {
  const auto header = request.headers.find("authorization");
  if (header == request.headers.end()) return "";
  const absl::string_view value = header->second;
  if (!absl::StartsWithIgnoreCase(value, kBasic)) return header->second;
  std::string pair;
  // What cannot be read is no token, but it is not nothing either.
  if (!absl::Base64Unescape(value.substr(kBasic.size()), &pair)) return header->second;
  return absl::StrCat("Bearer ", pair.substr(pair.find(':') + 1));
}

absl::StatusOr<identity::Identity> Guard::Admit(const Request& request,
                                                identity::Operation operation,
                                                OperationScope scope) const {
  const std::string bearer = BearerOf(request);
  absl::StatusOr<identity::Identity> known =
      parts_.authenticator.Authenticate({bearer, request.certificate.get()});
  if (!known.ok()) {
    WriteFailure(request, known.status());
    return known.status();
  }
  identity::Identity caller = *std::move(known);
  if (caller.access != nullptr && !Allows(*caller.access, operation, scope)) {
    const absl::Status denied = identity::AccessDenied(caller.principal, operation, "");
    WriteDenial(request, caller.principal, operation, denied);
    return denied;
  }
  if (parts_.limiter != nullptr) {
    // Of nobody in particular there are many: each address has limits of its own.
    const std::string account = caller.principal.authenticated
                                    ? caller.principal.name
                                    : identity::ClientNetwork(request.host);
    NEXUS_RETURN_IF_ERROR(
        parts_.limiter->Take({account, caller.principal.roles}, identity::LimitKind::kRequests));
  }
  return caller;
}

void Guard::WriteFailure(const Request& request, const absl::Status& why) const {
  if (parts_.ledger == nullptr) return;
  const ErrorDetails details = DetailsOf(why);
  AuditRecord record;
  record.type = std::string(kAuthenticationFailedType);
  record.client.peer = absl::StrCat("http:", request.host);
  record.action = "http";
  record.outcome = std::string(ReasonName(details.reason));
  for (const auto& [name, value] : details.metadata) {
    if (name == "cause") record.outcome = value;
  }
  parts_.ledger->Record(std::move(record));
}

void Guard::WriteDenial(const Request& request, const identity::Principal& who,
                        identity::Operation operation, const absl::Status& why) const {
  if (parts_.ledger == nullptr) return;
  const absl::string_view name = identity::OperationName(operation);
  const absl::string_view reason = ReasonName(ReasonOf(why));
  parts_.ledger->Deny({who.name, name, "http", "", reason, ""}, [&] {
    Denial denial;
    denial.client = {who.name, who.method, absl::StrCat("http:", request.host), who.token_id};
    denial.operation = std::string(name);
    denial.stream = "http";
    denial.reason = std::string(reason);
    return denial;
  });
}

absl::StatusOr<std::vector<Route>> Guard::Around(std::vector<Route> routes) const {
  for (Route& route : routes) {
    const RouteAccess* row = FindRouteAccess(route.path);
    if (row == nullptr) {
      return MakeError(ErrorReason::kInternal,
                       absl::StrCat("no rule of access for the path ", route.path));
    }
    route.answer = [guard = *this, row,
                    inner = std::move(route.answer)](const Request& request) mutable {
      const auto& needed = IsVerbose(request) ? row->verbose : row->operation;
      if (needed.has_value()) {
        const auto caller = guard.Admit(request, *needed, OperationScope::kServer);
        if (!caller.ok()) return RefusalOf(caller.status());
      }
      return inner(request);
    };
  }
  return routes;
}

Response RefusalOf(const absl::Status& status) {
  Response response;
  response.status = StatusOf(ReasonOf(status));
  response.body = absl::StrCat(ReasonName(ReasonOf(status)), ": ", status.message(), "\n");
  AddRefusalHeaders(status, response);
  return response;
}

void AddRefusalHeaders(const absl::Status& status, Response& response) {
  if (response.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  const auto wait = DetailsOf(status).retry_after;
  if (!wait.has_value()) return;
  const int64_t seconds =
      std::max<int64_t>(1, absl::ToInt64Seconds(absl::Ceil(*wait, absl::Seconds(1))));
  response.headers.emplace_back("Retry-After", absl::StrCat(seconds));
}

}  // namespace nexus::http
