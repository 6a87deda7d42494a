#pragma once

// Between the values of a history and the messages on the wire.

#include <grpcpp/support/status.h>

#include "absl/status/statusor.h"
#include "history/history.h"
#include "nexus/core/commit.h"
#include "nexus/v1/event_store.pb.h"

namespace nexus::crash {

v1::AppendRequest ToRequest(const Commit& commit);

// What the client was told: a receipt, or an error with its details.
absl::StatusOr<CommitReceipt> ToVerdict(const grpc::Status& status,
                                        const v1::AppendResponse& response);

// INTERNAL if the server sent what is no id.
absl::StatusOr<history::SeenEvent> ToSeen(const v1::Event& event);
absl::StatusOr<history::LoggedEvent> ToLogged(const v1::Event& event);

// The daemon has gone, or is about to: whoever called is to call again.
bool ServerHasGone(const absl::Status& status);

}  // namespace nexus::crash
