#pragma once

// nexus.v1.CommandService over the runner of commands.

#include "command/command_runner.h"
#include "nexus/v1/command.pb.h"
#include "rpc/call_context.h"
#include "rpc/transport/method_table.h"
#include "rpc/unary.h"

namespace nexus::rpc {

class CommandService {
 public:
  // `runner` must outlive every call.
  CommandService(const ServiceParts& parts, command::CommandRunner& runner)
      : parts_(parts), runner_(runner) {}

  void AddTo(MethodTable& table);

 private:
  void Execute(UnaryPtr<v1::ExecuteRequest, v1::ExecuteResponse> call);

  const ServiceParts parts_;
  command::CommandRunner& runner_;
};

}  // namespace nexus::rpc
