#pragma once

// A worker's connection: CommandService.Handle, in the messages of the contract.
//
//   auto session = client::CommandClient(**client).Handle(hello);
//   while (true) {
//     auto message = session->Next();
//     ...
//     session->Send(answer);
//   }
//
// Next() is called by one thread at a time; the others from any. It must not outlive its Client.

#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/v1/command.pb.h"

namespace nexus::client {

class HandlerSession {
 public:
  virtual ~HandlerSession() = default;

  // Blocks for the next message. Nothing: the server has ended the call well, after Drain(). An
  // error is final: connect again.
  virtual absl::StatusOr<std::optional<v1::HandleResponse>> Next() = 0;

  // Blocks until the message may leave. False: the call has ended, and Next() says why.
  virtual bool Send(const v1::HandleRequest& request) = 0;

  // Asks for no new tasks. Those that have come are still to be answered; then the call ends well.
  virtual void Drain() = 0;

  // Next() returns kCancelled soon.
  virtual void Cancel() = 0;
};

}  // namespace nexus::client
