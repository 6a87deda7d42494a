#include "rpc/call_audit.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "engine/denial_record.h"
#include "google/protobuf/descriptor.h"
#include "identity/operation.h"
#include "nexus/core/errors.h"
#include "rpc/method_access.h"

namespace nexus::rpc {
namespace {

std::string CauseOf(const ErrorDetails& details) {
  for (const auto& [name, value] : details.metadata) {
    if (name == "cause") return value;
  }
  return std::string(ReasonName(details.reason));
}

bool IsAdminAction(absl::string_view method) {
  const MethodAccess* row = FindMethodAccess(method);
  if (row == nullptr) return false;
  switch (row->operation) {
    case identity::Operation::kAccessWrite:
    case identity::Operation::kPolicyWrite:
    case identity::Operation::kRouteWrite:
    case identity::Operation::kReplay:
    case identity::Operation::kMaintain:
    case identity::Operation::kSnapshotWrite:
      return true;
    case identity::Operation::kSnapshotRead:
      // A state says what the events of its stream say; a list says which there are.
      return absl::EndsWith(method, "/GetSnapshot");
    default:
      return false;
  }
}

}  // namespace

void RecordAuthenticationFailure(AuditLedger* ledger, const ServerCall& call,
                                 const absl::Status& why) {
  if (ledger == nullptr) return;
  AuditRecord record;
  record.type = std::string(kAuthenticationFailedType);
  record.client.peer = call.context().peer();
  record.action = std::string(call.method());
  record.outcome = CauseOf(DetailsOf(why));
  ledger->Record(std::move(record));
}

absl::Status RecordMethodDenial(AuditLedger* ledger, absl::string_view method,
                                const engine::Caller& caller, const absl::Status& why) {
  const MethodAccess* row = FindMethodAccess(method);
  if (row == nullptr) return why;
  return engine::WriteDenial(ledger, caller, identity::OperationName(row->operation), method, why);
}

void RecordAdminAction(AuditLedger* ledger, absl::string_view method, const engine::Caller& caller,
                       absl::FunctionRef<std::string()> subject, const absl::Status& outcome) {
  if (ledger == nullptr || !IsAdminAction(method)) return;
  // What rules refuse has been written down as a refusal.
  const ErrorReason reason = ReasonOf(outcome);
  if (reason == ErrorReason::kPolicyDenied || reason == ErrorReason::kAccessDenied) return;
  ledger->Record(engine::AdminAction(caller, method, subject(), outcome));
}

std::string SubjectOf(const google::protobuf::Message& request) {
  using google::protobuf::FieldDescriptor;
  const auto* descriptor = request.GetDescriptor();
  const auto* reflection = request.GetReflection();
  for (const char* name : {"id", "name", "principal", "group", "member", "subject", "stream"}) {
    const FieldDescriptor* field = descriptor->FindFieldByName(name);
    if (field == nullptr || field->is_repeated()) continue;
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_STRING) continue;
    std::string value = reflection->GetString(request, field);
    if (!value.empty()) return value;
  }
  // One that wraps what it is about: DefineRoleRequest has a Role.
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const FieldDescriptor* field = descriptor->field(i);
    if (field->is_repeated() || field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!reflection->HasField(request, field)) continue;
    std::string value = SubjectOf(reflection->GetMessage(request, field));
    if (!value.empty()) return value;
  }
  return "";
}

void BulkReadWatch::Begin(absl::string_view action, std::string subject,
                          const engine::Caller& caller) {
  if (ledger_ == nullptr || min_ == 0) return;
  record_.type = std::string(kBulkReadType);
  record_.client = engine::ClientOf(caller);
  record_.action = std::string(action);
  record_.subject = std::move(subject);
  record_.correlation_id = caller.correlation_id;
}

void BulkReadWatch::Count(uint64_t events) {
  const bool much = events_ >= min_;
  events_ += events;
  if (!much && events_ >= min_) Tell("under way");
}

void BulkReadWatch::End() {
  if (events_ >= min_) Tell("ended");
}

void BulkReadWatch::Tell(absl::string_view phase) const {
  if (ledger_ == nullptr || min_ == 0) return;
  AuditRecord record = record_;
  record.details = {{"phase", std::string(phase)}, {"events", absl::StrCat(events_)}};
  ledger_->Record(std::move(record));
}

}  // namespace nexus::rpc
