// The bytes of an AppendRequest on their way to a commit. libprotobuf reads the wire; converting
// and checking are ours, and so is the writer of the events that a reader is given: what was
// accepted comes back as a message that says the same.

#include <string>
#include <vector>

#include "engine/draft_check.h"
#include "fake/sequential_ids.h"
#include "fuzz/fuzz_input.h"
#include "nexus/core/errors.h"
#include "nexus/v1/event_store.pb.h"
#include "rpc/convert.h"
#include "rpc/event_wire.h"

namespace nexus::rpc {
namespace {

using fuzz::Require;

RecordedEvent Recorded(const Event& event, absl::string_view stream) {
  RecordedEvent out;
  out.position = Position(1);
  out.id = event.id;
  out.stream = stream;
  out.type = event.type;
  out.schema_version = event.schema_version;
  out.content_type = event.content_type;
  out.data = event.data;
  out.tags.assign(event.tags.begin(), event.tags.end());
  for (const auto& [key, value] : event.metadata) out.metadata.emplace_back(key, value);
  out.routing = event.routing;
  out.correlation_id = event.correlation_id;
  out.causation_id = event.causation_id;
  out.traceparent = event.traceparent;
  out.tracestate = event.tracestate;
  return out;
}

void CheckWire(const Commit& commit) {
  EventWire wire;
  std::vector<RecordedEvent> events;
  for (const CommitEvent& event : commit.events) {
    events.push_back(Recorded(event.event, commit.streams[event.stream_index].name.str()));
  }
  for (const RecordedEvent& event : events) wire.Add(event);
  std::string bytes(wire.bytes(), '\0');
  Require(wire.Write(bytes.data()) == bytes.data() + bytes.size(), "events have the stated size");
  v1::ReadResponse response;
  Require(response.ParseFromString(bytes), "events can be read");
  Require(response.events_size() == static_cast<int>(events.size()), "none is lost");
  for (size_t i = 0; i < events.size(); ++i) {
    const v1::Event& event = response.events(static_cast<int>(i));
    Require(event.type() == events[i].type && event.data() == events[i].data &&
                event.stream() == events[i].stream &&
                static_cast<size_t>(event.metadata_size()) == events[i].metadata.size(),
            "they say the same");
  }
}

void TryOnce(absl::string_view bytes) {
  v1::AppendRequest request;
  if (!request.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return;
  fake::SequentialIds ids;
  const auto commit = engine::CheckDraft(ToDraft(request), engine::Caller(), Limits(), ids);
  const auto moved =
      engine::CheckDraft(ToDraft(std::move(request)), engine::Caller(), Limits(), ids);
  Require(commit.ok() == moved.ok(), "taking the texts out changes nothing");
  if (!commit.ok()) {
    Require(ReasonOf(commit.status()) == ReasonOf(moved.status()), "nor the reason");
    Require(ReasonOf(commit.status()) != ErrorReason::kInternal,
            "a refusal has a reason:", commit.status().message());
    return;
  }
  CheckWire(*commit);
}

}  // namespace
}  // namespace nexus::rpc

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto [bytes] = nexus::fuzz::Split<1>(data, size);
  nexus::rpc::TryOnce(bytes);
  return 0;
}
