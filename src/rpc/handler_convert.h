#pragma once

// Tasks for workers and their answers on the wire. Pure; thread-safe.

#include "absl/status/statusor.h"
#include "command/remote/worker_port.h"
#include "command/remote/worker_roster.h"
#include "command/remote_decider.h"
#include "command/remote_job.h"
#include "nexus/v1/command.pb.h"

namespace nexus::rpc {

command::WorkerProfile ToProfile(v1::HandlerHello&& hello);

// MALFORMED_REQUEST if it has no task or no decision. Takes the texts out of `answer`.
absl::StatusOr<command::WorkerAnswer> ToAnswer(v1::TaskAnswer&& answer);

v1::HandleResponse ToWelcome(const command::WorkerWelcome& welcome,
                             const command::RemoteOptions& options, uint64_t message_bytes_max);

v1::HandleResponse ToTask(command::TaskPage&& page);

}  // namespace nexus::rpc
