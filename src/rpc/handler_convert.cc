#include "rpc/handler_convert.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "nexus/core/errors.h"
#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

using command::WorkerAnswer;

void FillSpan(absl::Duration duration, google::protobuf::Duration& out) {
  const int64_t nanos = absl::ToInt64Nanoseconds(std::max(duration, absl::ZeroDuration()));
  out.set_seconds(nanos / 1'000'000'000);
  out.set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

command::DecidedEvent ToEvent(v1::HandlerEvent&& event) {
  command::DecidedEvent out;
  out.type = std::move(*event.mutable_type());
  out.data = std::move(*event.mutable_data());
  for (auto& [key, value] : *event.mutable_metadata()) {
    out.metadata.emplace_back(key, std::move(value));
  }
  for (std::string& tag : *event.mutable_tags()) out.tags.push_back(std::move(tag));
  if (event.has_routing()) out.routing = ToHints(event.routing());
  return out;
}

template <typename Out>
void FillEvents(std::vector<std::string>& events, Out& out) {
  out.mutable_events()->Reserve(static_cast<int>(events.size()));
  for (std::string& event : events) out.add_events(std::move(event));
}

}  // namespace

command::WorkerProfile ToProfile(v1::HandlerHello&& hello) {
  command::WorkerProfile profile;
  profile.name = std::move(*hello.mutable_worker());
  for (std::string& name : *hello.mutable_aggregates()) {
    profile.aggregates.push_back(std::move(name));
  }
  profile.tasks_max = hello.tasks_max();
  return profile;
}

absl::StatusOr<WorkerAnswer> ToAnswer(v1::TaskAnswer&& answer) {
  WorkerAnswer out;
  out.task_id = std::move(*answer.mutable_task_id());
  if (out.task_id.empty()) {
    return MakeError(ErrorReason::kMalformedRequest, "answer.task_id must not be empty");
  }
  out.keeps_state = answer.keeps_state();
  out.traceparent = std::move(*answer.mutable_traceparent());
  out.tracestate = std::move(*answer.mutable_tracestate());
  switch (answer.decision_case()) {
    case v1::TaskAnswer::kEvents:
      out.kind = WorkerAnswer::Kind::kEvents;
      for (v1::HandlerEvent& event : *answer.mutable_events()->mutable_events()) {
        out.decision.events.push_back(ToEvent(std::move(event)));
      }
      return out;
    case v1::TaskAnswer::kRejection:
      out.kind = WorkerAnswer::Kind::kRejection;
      out.decision.rejection =
          command::Rejection{std::move(*answer.mutable_rejection()->mutable_reason()),
                             std::move(*answer.mutable_rejection()->mutable_details())};
      return out;
    case v1::TaskAnswer::kFailure:
      out.kind = WorkerAnswer::Kind::kFailure;
      out.failure = std::move(*answer.mutable_failure()->mutable_message());
      return out;
    case v1::TaskAnswer::kNeedsEvents:
      out.kind = WorkerAnswer::Kind::kNeedsEvents;
      return out;
    case v1::TaskAnswer::DECISION_NOT_SET:
      break;
  }
  return MakeError(ErrorReason::kMalformedRequest,
                   "answer must have events, a rejection, a failure or needs_events");
}

v1::HandleResponse ToWelcome(const command::WorkerWelcome& welcome,
                             const command::RemoteOptions& options, uint64_t message_bytes_max) {
  v1::HandleResponse response;
  v1::HandlerWelcome& out = *response.mutable_welcome();
  out.set_session_id(welcome.session);
  out.set_tasks_max(static_cast<uint32_t>(welcome.tasks_max));
  FillSpan(options.heartbeat, *out.mutable_heartbeat_interval());
  FillSpan(options.task_timeout, *out.mutable_task_timeout());
  out.set_message_bytes_max(message_bytes_max);
  return response;
}

v1::HandleResponse ToTask(command::TaskPage&& page) {
  v1::HandleResponse response;
  if (!page.first) {
    v1::TaskEvents& out = *response.mutable_task_events();
    out.set_task_id(std::move(page.task_id));
    FillEvents(page.events, out);
    out.set_more_events(page.more_events);
    return response;
  }
  v1::Task& out = *response.mutable_task();
  out.set_task_id(std::move(page.task_id));
  out.set_aggregate(std::move(page.aggregate));
  out.set_stream(std::move(page.stream));
  out.set_command(std::move(page.command));
  out.set_context(std::move(page.context));
  if (page.state_revision.has_value()) out.set_state_revision(page.state_revision->value);
  FillEvents(page.events, out);
  out.set_more_events(page.more_events);
  out.set_attempt(page.attempt);
  if (page.time_left != absl::InfiniteDuration()) {
    FillSpan(page.time_left, *out.mutable_time_left());
  }
  out.set_traceparent(std::move(page.traceparent));
  out.set_tracestate(std::move(page.tracestate));
  return response;
}

}  // namespace nexus::rpc
