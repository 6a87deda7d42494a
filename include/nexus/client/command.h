#pragma once

// Commands, in the messages of the contract.
//
//   client::CommandClient commands(**client);
//   auto receipt = commands.Execute(request);
//
// Thread-safe; `client` must outlive it. Errors are those of client.h.

#include <memory>

#include "absl/status/statusor.h"
#include "nexus/client/client.h"
#include "nexus/client/handler.h"
#include "nexus/v1/command.pb.h"

namespace nexus::client {

class CommandClient {
 public:
  explicit CommandClient(Client& client) : client_(client) {}

  // Decides and stores. Gives the command an id if it has none, and asks again with it while the
  // answer is kUnavailable and time and attempts are left.
  absl::StatusOr<v1::ExecuteResponse> Execute(v1::ExecuteRequest request);

  // Connects as a worker that decides what `hello` says. What is wrong with it is told by Next().
  std::unique_ptr<HandlerSession> Handle(const v1::HandlerHello& hello);

 private:
  Client& client_;
};

}  // namespace nexus::client
