// Commands: the client's part.

#include <utility>

#include "client/parts.h"
#include "client/repeat_safely.h"
#include "nexus/client/command.h"
#include "nexus/core/ids.h"
#include "nexus/core/status_macros.h"

namespace nexus::client {

absl::StatusOr<v1::ExecuteResponse> CommandClient::Execute(v1::ExecuteRequest request) {
  Client::Parts& parts = *client_.parts_;
  if (request.command().command_id().empty()) {
    request.mutable_command()->set_command_id(FormatUuid(parts.ids.NewUuid()));
  }
  v1::ExecuteResponse response;
  NEXUS_RETURN_IF_ERROR(RepeatSafely(parts, [&](grpc::ClientContext* context) {
    response.Clear();
    return parts.commands->Execute(context, request, &response);
  }));
  return response;
}

}  // namespace nexus::client
