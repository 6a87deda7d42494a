#include "rpc/method_access.h"

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::rpc {
namespace {

using enum AccessScope;
using enum identity::Operation;
using Rows = absl::flat_hash_map<std::string, MethodAccess>;

void AddEvents(Rows& rows) {
  const auto add = [&](absl::string_view method, MethodAccess access) {
    rows.emplace(absl::StrCat("nexus.v1.EventStoreService/", method), access);
  };
  add("Append", {kAppend, kItems});
  add("AppendStream", {kAppend, kItems});
  add("Read", {kRead, kItems});
  add("Subscribe", {kSubscribe, kItems});
  add("GetStream", {kRead, kItems});
  add("ListStreams", {kRead, kItems});
}

void AddSchemas(Rows& rows) {
  const auto add = [&](absl::string_view method, MethodAccess access) {
    rows.emplace(absl::StrCat("nexus.v1.SchemaRegistryService/", method), access);
  };
  for (const char* method :
       {"GetSchema", "LookupSchema", "ListSchemas", "ValidateData", "CheckCompatibility",
        "GetCompatibility", "GetRegistryMode", "GetValidation", "GetCategorySettings"}) {
    add(method, {kSchemaRead, kItems});
  }
  for (const char* method : {"RegisterSchema", "DeleteSchema", "UpdateCompatibility",
                             "UpdateRegistryMode", "UpdateValidation", "UpdateCategorySettings"}) {
    add(method, {kSchemaWrite, kItems});
  }
  // It shows what is wrong with stored events, of whatever stream.
  add("ObserveSchema", {kRead, kEverything});
}

void AddRoutes(Rows& rows) {
  const std::string routes = "nexus.admin.v1.RouteService/";
  for (const char* method : {"ListRoutes", "GetClassification", "TestRoute", "SimulateRoutes",
                             "TraceEvent", "ReconcileRoute", "ListDeadLetters", "GetDeadLetter"}) {
    rows.emplace(routes + method, MethodAccess{kRouteRead, kServer});
  }
  for (const char* method : {"ApplyRoute", "RemoveRoute", "PauseRoute", "ResumeRoute",
                             "ApplyClassification", "RetryDeadLetter", "SkipDeadLetter"}) {
    rows.emplace(routes + method, MethodAccess{kRouteWrite, kServer});
  }
  // It counts events of every stream, and shows none.
  rows.emplace("nexus.admin.v1.CostService/ReportCost", MethodAccess{kRouteRead, kServer});
  // It sends what it finds to a broker once more.
  rows.emplace(routes + "ReplayRoute", MethodAccess{kReplay, kEverything});
}

Rows MakeRows() {
  Rows rows;
  AddEvents(rows);
  AddSchemas(rows);
  for (const char* method : {"Check", "Explain"}) {
    rows.emplace(absl::StrCat("nexus.v1.PolicyService/", method), MethodAccess{kAppend, kItems});
  }
  rows.emplace("nexus.v1.PolicyService/ExplainDecision", MethodAccess{kPolicyRead, kServer});
  rows.emplace("nexus.v1.CommandService/Execute", MethodAccess{kExecute, kItems});
  rows.emplace("nexus.v1.CommandService/Handle", MethodAccess{kHandle, kItems});
  rows.emplace("nexus.v1.AuditService/Trace", MethodAccess{kRead, kItems});
  for (const char* method : {"StateAsOf", "Diff", "FieldHistory"}) {
    rows.emplace(absl::StrCat("nexus.v1.QueryService/", method), MethodAccess{kQuery, kItems});
  }
  const std::string admin = "nexus.admin.v1.AdminService/";
  rows.emplace(admin + "GetStatus", MethodAccess{kStatusRead, kServer});
  for (const char* method : {"Drain", "RebuildIndex", "VerifyLog", "VerifySchemas"}) {
    rows.emplace(admin + method, MethodAccess{kMaintain, kServer});
  }
  // It names types, categories and principals of whatever stream.
  rows.emplace(admin + "GetServiceGraph", MethodAccess{kRead, kEverything});
  rows.emplace(admin + "VerifyAudit", MethodAccess{kRead, kEverything});
  AddRoutes(rows);
  const std::string domains = "nexus.admin.v1.DomainService/";
  for (const char* method : {"ListDomains", "GetDomain", "ListDomainVersions"}) {
    rows.emplace(domains + method, MethodAccess{kDomainRead, kServer});
  }
  for (const char* method : {"ApplyDomain", "RemoveDomain", "RollbackDomain"}) {
    rows.emplace(domains + method, MethodAccess{kDomainWrite, kServer});
  }
  const std::string snapshots = "nexus.admin.v1.SnapshotService/";
  for (const char* method : {"ListSnapshots", "GetSnapshot"}) {
    rows.emplace(snapshots + method, MethodAccess{kSnapshotRead, kServer});
  }
  for (const char* method : {"CreateSnapshot", "DeleteSnapshot"}) {
    rows.emplace(snapshots + method, MethodAccess{kSnapshotWrite, kServer});
  }
  const std::string access = "nexus.admin.v1.AccessService/";
  for (const char* method : {"ListTokens", "ListRoles", "ListRoleBindings"}) {
    rows.emplace(access + method, MethodAccess{kAccessRead, kServer});
  }
  for (const char* method : {"CreateToken", "RevokeToken", "DefineRole", "RemoveRole",
                             "CreateRoleBinding", "DeleteRoleBinding"}) {
    rows.emplace(access + method, MethodAccess{kAccessWrite, kServer});
  }
  return rows;
}

bool Allows(const identity::Access& access, const MethodAccess& row) {
  switch (row.scope) {
    case kItems:
      return access.AllowsSomething(row.operation);
    case kEverything:
      return access.AllowsEverything(row.operation);
    case kServer:
      return access.AllowsServer(row.operation);
  }
  return false;
}

}  // namespace

const MethodAccess* FindMethodAccess(absl::string_view method) {
  static const Rows& rows = *new Rows(MakeRows());
  const auto found = rows.find(method);
  return found == rows.end() ? nullptr : &found->second;
}

absl::Status CheckMethodAccess(absl::string_view method, const engine::Caller& caller) {
  if (caller.access == nullptr) return absl::OkStatus();
  const MethodAccess* row = FindMethodAccess(method);
  if (row == nullptr) {
    return MakeError(ErrorReason::kInternal, absl::StrCat(method, " has no rule of access"));
  }
  if (Allows(*caller.access, *row)) return absl::OkStatus();
  return identity::AccessDenied(caller.principal, row->operation, "");
}

}  // namespace nexus::rpc
