#include "command/command_outcome.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "command/repeated_command.h"
#include "nexus/core/errors.h"

namespace nexus::command {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(1);
constexpr uint32_t kDoublingsMax = 5;

// What the command brought, but where the decision has said something of its own.
void AddCommandMetadata(const CommandCall& call, DecidedEvent& event) {
  for (const auto& [key, value] : call.draft.metadata) {
    bool has = false;
    for (const auto& [own, unused] : event.metadata) has = has || own == key;
    if (!has) event.metadata.emplace_back(key, value);
  }
}

engine::EventDraft EventOf(const CommandCall& call, const std::string& mark, DecidedEvent event) {
  engine::EventDraft draft;
  draft.type = std::move(event.type);
  draft.content_type = std::string(kJsonContentType);
  draft.data = std::move(event.data);
  draft.tags = std::move(event.tags);
  draft.metadata = std::move(event.metadata);
  draft.server_metadata = {{kCommandKey, mark}};
  if (!call.draft.causation_id.empty()) {
    draft.server_metadata.emplace_back(kCommandCausationKey, call.draft.causation_id);
  }
  draft.routing = event.routing;
  draft.correlation_id = call.correlation_id;
  draft.causation_id = call.id.ToString();
  return draft;
}

}  // namespace

absl::Status CheckExpected(const CommandCall& call, std::optional<Revision> at) {
  if (!call.draft.expected.has_value() || call.draft.expected->Holds(at)) return absl::OkStatus();
  ErrorDetails details;
  details.reason = ErrorReason::kRevisionConflict;
  details.failed_expectations.push_back({call.stream.str(), *call.draft.expected, at});
  return MakeError(
      absl::StrCat(call.stream.str(), " is at ",
                   at.has_value() ? absl::StrCat("revision ", at->value) : std::string("no event"),
                   ", and the command expects ", call.draft.expected->ToString()),
      details);
}

CommitParts CommitOf(const CommandCall& call, std::optional<Revision> at, Decision decision) {
  CommitParts parts;
  parts.draft.commit_id = call.id.ToString();
  parts.draft.of_command = true;
  engine::StreamDraft& stream = parts.draft.streams.emplace_back();
  stream.stream = call.stream.str();
  stream.expected =
      at.has_value() ? ExpectedRevision::Exactly(at->value) : ExpectedRevision::NoStream();
  const std::string mark = CommandMark(call);
  for (DecidedEvent& event : decision.events) {
    AddCommandMetadata(call, event);
    parts.types.push_back(event.type);
    stream.events.push_back(EventOf(call, mark, std::move(event)));
  }
  return parts;
}

CommandReceipt ReceiptOf(const CommandCall& call, const CommitReceipt& commit,
                         std::vector<std::string> types) {
  CommandReceipt receipt = ReceiptWithoutEvents(call, commit.streams.front().last);
  receipt.position = commit.last;
  receipt.recorded = commit.recorded;
  receipt.repeated = commit.repeated;
  receipt.warnings = commit.warnings;
  for (size_t i = 0; i < types.size(); ++i) {
    receipt.events.push_back({DeriveEventId(call.id, static_cast<uint32_t>(i)), std::move(types[i]),
                              Revision(commit.streams.front().first.value + i),
                              Position(commit.first.value + i)});
  }
  return receipt;
}

CommandReceipt ReceiptWithoutEvents(const CommandCall& call, std::optional<Revision> at) {
  CommandReceipt receipt;
  receipt.command_id = call.id;
  receipt.aggregate = call.record->declaration.name;
  receipt.stream = call.stream.str();
  receipt.revision = at;
  receipt.correlation_id = call.correlation_id;
  return receipt;
}

absl::Duration PauseAfterConflict(uint32_t attempts, IdSource& ids) {
  if (attempts <= 1) return absl::ZeroDuration();
  const uint32_t doublings = std::min(attempts - 2, kDoublingsMax);
  const double share = static_cast<double>(ids.Random() >> 11) * 0x1p-53;
  return kPause * (1 << doublings) * share;
}

void AnswerCall(CommandCall& call, absl::StatusOr<CommandReceipt> receipt,
                const CommandMetrics& metrics, absl::Duration now) {
  call.timings.total = now - call.begun;
  metrics.duration.Observe(absl::ToDoubleSeconds(call.timings.total));
  const absl::string_view result = !receipt.ok()
                                       ? ReasonName(ReasonOf(receipt.status()))
                                       : absl::string_view(receipt->repeated ? "REPEATED" : "OK");
  metrics.Commands(call.draft.type, result).Add(1);
  if (receipt.ok()) {
    receipt->attempts = call.attempts;
    receipt->timings = call.timings;
  }
  call.done(std::move(receipt));
}

}  // namespace nexus::command
