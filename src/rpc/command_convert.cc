#include "rpc/command_convert.h"

#include <utility>

#include "rpc/convert.h"

namespace nexus::rpc {
namespace {

void FillDuration(absl::Duration duration, google::protobuf::Duration& out) {
  const int64_t nanos = absl::ToInt64Nanoseconds(duration);
  out.set_seconds(nanos / 1'000'000'000);
  out.set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

}  // namespace

command::CommandDraft ToCommand(v1::ExecuteRequest&& request) {
  v1::Command& command = *request.mutable_command();
  command::CommandDraft draft;
  draft.command_id = std::move(*command.mutable_command_id());
  draft.type = std::move(*command.mutable_type());
  draft.data = std::move(*command.mutable_data());
  for (auto& [key, value] : *command.mutable_metadata()) draft.metadata.emplace_back(key, value);
  draft.correlation_id = std::move(*command.mutable_correlation_id());
  draft.causation_id = std::move(*command.mutable_causation_id());
  if (request.has_expected_revision()) draft.expected = ToExpected(request.expected_revision());
  return draft;
}

void FillCommandReceipt(const command::CommandReceipt& receipt, v1::ExecuteResponse& response) {
  response.set_command_id(receipt.command_id.ToString());
  response.set_aggregate(receipt.aggregate);
  response.set_stream(receipt.stream);
  if (receipt.revision.has_value()) response.set_revision(receipt.revision->value);
  response.set_position(receipt.position.value);
  for (const command::ReceiptEvent& event : receipt.events) {
    v1::DecidedCommandEvent& out = *response.add_events();
    out.set_event_id(event.id.ToString());
    out.set_type(event.type);
    out.set_revision(event.revision.value);
    out.set_position(event.position.value);
  }
  response.set_correlation_id(receipt.correlation_id);
  if (!receipt.events.empty()) {
    FillTimestamp(receipt.recorded, *response.mutable_recorded_time());
  }
  response.set_repeated_command(receipt.repeated);
  response.set_attempts(receipt.attempts);
  v1::CommandTimings& timings = *response.mutable_timings();
  FillDuration(receipt.timings.waiting, *timings.mutable_waiting());
  FillDuration(receipt.timings.loading, *timings.mutable_loading());
  FillDuration(receipt.timings.deciding, *timings.mutable_deciding());
  FillDuration(receipt.timings.storing, *timings.mutable_storing());
  FillDuration(receipt.timings.total, *timings.mutable_total());
  for (const AppendWarning& warning : receipt.warnings) {
    FillWarning(warning, *response.add_warnings());
  }
}

}  // namespace nexus::rpc
