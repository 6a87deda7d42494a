#pragma once

// Commands and their receipts on the wire. Pure; thread-safe.

#include "command/command.h"
#include "nexus/v1/command.pb.h"

namespace nexus::rpc {

// Takes the texts out of `request`.
command::CommandDraft ToCommand(v1::ExecuteRequest&& request);

void FillCommandReceipt(const command::CommandReceipt& receipt, v1::ExecuteResponse& response);

}  // namespace nexus::rpc
