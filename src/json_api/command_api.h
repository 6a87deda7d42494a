#pragma once

// POST /api/commands/{commandType}: a command with its bare data as the body, as
// CommandService.Execute decides it. docs/reference/commands.md.
//
// Thread-safe. The parts must outlive it and the HTTP server that it answers for.

#include "command/command_runner.h"
#include "http/guard/guard.h"
#include "http/route.h"
#include "identity/operation.h"
#include "nexus/core/clock.h"

namespace nexus::json_api {

struct CommandApiParts {
  command::CommandRunner& runner;
  const http::Guard& guard;
  Clock& clock;
};

class CommandApi {
 public:
  explicit CommandApi(const CommandApiParts& parts) : parts_(parts) {}

  http::Area Area(size_t body_bytes_max);

  void Answer(http::Request request, http::Reply reply);

  // What it answers, "METHOD path" with a star for one segment, and what it asks of the caller.
  static constexpr char kRoute[] = "POST /api/commands/*";
  static constexpr identity::Operation kOperation = identity::Operation::kExecute;

 private:
  const CommandApiParts parts_;
};

}  // namespace nexus::json_api
