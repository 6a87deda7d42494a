#pragma once

// Values to proto messages and back.

#include "absl/status/statusor.h"
#include "google/protobuf/timestamp.pb.h"
#include "nexus/admin/v1/admin.pb.h"
#include "nexus/client/draft.h"
#include "nexus/client/schema.h"
#include "nexus/client/server_status.h"
#include "nexus/core/commit.h"
#include "nexus/core/event.h"
#include "nexus/port/event_reader.h"
#include "nexus/v1/event_store.pb.h"
#include "nexus/v1/schema_registry.pb.h"

namespace nexus::client {

void FillExpected(const ExpectedRevision& expected, v1::ExpectedRevision& out);

v1::AppendRequest ToProto(const CommitDraft& draft);

// INTERNAL if the server sent what is no id or name: then it is no nexusd.
absl::StatusOr<CommitReceipt> FromProto(const v1::AppendResponse& response);

// A view: `event` must outlive the result.
absl::StatusOr<RecordedEvent> FromProto(const v1::Event& event);

// The batch owns `message`, whose events it shows. `Message` has events() and head().
template <typename Message>
absl::StatusOr<EventBatch> ToBatch(std::shared_ptr<const Message> message) {
  EventBatch batch;
  batch.head = Position(message->head());
  batch.events.reserve(message->events_size());
  for (const v1::Event& event : message->events()) {
    absl::StatusOr<RecordedEvent> recorded = FromProto(event);
    if (!recorded.ok()) return recorded.status();
    batch.events.push_back(*std::move(recorded));
  }
  batch.backing.push_back(std::move(message));
  return batch;
}

// What a message that brings a definition takes of a draft, but for the comment.
template <typename Request>
void FillDefinition(const SchemaDraft& draft, Request& request) {
  request.set_subject(draft.subject);
  request.set_format(static_cast<v1::SchemaFormat>(draft.format));  // the same numbers
  request.set_definition(draft.definition);
  for (const SchemaReference& reference : draft.references) {
    v1::SchemaReference& row = *request.add_references();
    row.set_name(reference.name);
    row.set_subject(reference.subject);
    row.set_version(reference.version);
  }
}

StreamInfo FromProto(const v1::Stream& stream);
Schema FromProto(const v1::Schema& schema);
ServerStatus FromProto(const admin::v1::GetStatusResponse& status);
Timestamp FromProto(const google::protobuf::Timestamp& time);
void FillTimestamp(Timestamp time, google::protobuf::Timestamp& out);

}  // namespace nexus::client
