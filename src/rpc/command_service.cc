#include "rpc/command_service.h"

#include <utility>

#include "nexus/core/errors.h"
#include "rpc/command_convert.h"
#include "rpc/convert.h"
#include "rpc/handle_reactor.h"
#include "rpc/service_names.h"

namespace nexus::rpc {

void CommandService::AddTo(MethodTable& table) {
  table.Add(kCommandService, "Execute", Unary(parts_, *this, &CommandService::Execute));
  table.Add(
      kCommandService, "Handle",
      {[this](ServerCall& call, const grpc::ByteBuffer&) { BeginHandle(call, parts_, runner_); },
       /*streams_requests=*/true});
}

void CommandService::Execute(UnaryPtr<v1::ExecuteRequest, v1::ExecuteResponse> call) {
  if (call->request().command().type().empty()) {
    call->Finish(MakeError(ErrorReason::kMalformedRequest, "command.type must not be empty"));
    return;
  }
  if (call->request().has_expected_revision() &&
      !ToExpected(call->request().expected_revision()).has_value()) {
    call->Finish(MakeError(ErrorReason::kMalformedRequest,
                           "expected_revision must name a kind, or be left out"));
    return;
  }
  runner_.Execute(ToCommand(std::move(call->request())), std::move(call->caller()),
                  [call](absl::StatusOr<command::CommandReceipt> receipt) {
                    if (receipt.ok()) FillCommandReceipt(*receipt, call->response());
                    call->Finish(receipt.status());
                  });
}

}  // namespace nexus::rpc
