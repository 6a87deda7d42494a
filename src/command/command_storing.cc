#include <utility>

#include "absl/strings/str_cat.h"
#include "command/command_worker.h"
#include "command/event_view.h"
#include "command/repeated_command.h"

namespace nexus::command {
namespace {

engine::EventDraft DraftOf(const CommandCall& call, const std::string& mark, DecidedEvent event) {
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

// What the command brought, but where the code has said something of its own.
void AddCommandMetadata(const CommandCall& call, DecidedEvent& event) {
  for (const auto& [key, value] : call.draft.metadata) {
    bool has = false;
    for (const auto& [own, unused] : event.metadata) has = has || own == key;
    if (!has) event.metadata.emplace_back(key, value);
  }
}

// Of one append: what its events look like to the code, and the types for the receipt.
struct Stored {
  std::vector<std::string> views;
  std::vector<std::string> types;
};

CommandReceipt ReceiptOf(const CommandCall& call, const CommitReceipt& commit, Stored& stored) {
  CommandReceipt receipt;
  receipt.command_id = call.id;
  receipt.aggregate = call.record->declaration.name;
  receipt.stream = call.stream.str();
  receipt.revision = commit.streams.front().last;
  receipt.position = commit.last;
  receipt.correlation_id = call.correlation_id;
  receipt.recorded = commit.recorded;
  receipt.repeated = commit.repeated;
  receipt.warnings = commit.warnings;
  for (size_t i = 0; i < stored.types.size(); ++i) {
    receipt.events.push_back(
        {DeriveEventId(call.id, static_cast<uint32_t>(i)), std::move(stored.types[i]),
         Revision(commit.streams.front().first.value + i), Position(commit.first.value + i)});
  }
  return receipt;
}

}  // namespace

void CommandWorker::Store(const CommandCallPtr& call, const LiveAggregate& live,
                          Decision decision) {
  engine::CommitDraft draft;
  draft.commit_id = call->id.ToString();
  draft.of_command = true;
  engine::StreamDraft& stream = draft.streams.emplace_back();
  stream.stream = call->stream.str();
  stream.expected = live.revision.has_value() ? ExpectedRevision::Exactly(live.revision->value)
                                              : ExpectedRevision::NoStream();
  const std::string mark = CommandMark(*call);
  auto stored = std::make_unique<Stored>();
  for (DecidedEvent& event : decision.events) {
    AddCommandMetadata(*call, event);
    stored->views.push_back(OpenEventView(event.type, event.data, event.metadata));
    stored->types.push_back(event.type);
    stream.events.push_back(DraftOf(*call, mark, std::move(event)));
  }
  call->storing_since = Now();
  parts_.engine.Append(
      std::move(draft), call->caller,
      [this, call, stored = std::move(stored)](absl::StatusOr<CommitReceipt> commit) {
        call->timings.storing = Now() - call->storing_since;
        if (!commit.ok()) {
          Post({Step::Kind::kRefused, call, commit.status()});
          return;
        }
        CommandReceipt receipt = ReceiptOf(*call, *commit, *stored);
        Step step{Step::Kind::kStored, call};
        step.count = stored->views.size();
        if (!commit->repeated) step.last = receipt.revision;
        for (size_t i = 0; i < stored->views.size(); ++i) {
          const ReceiptEvent& event = receipt.events[i];
          CloseEventView(stored->views[i], event.id, event.revision, event.position,
                         receipt.recorded);
          absl::StrAppend(&step.views, i == 0 ? "" : ",", stored->views[i]);
        }
        Post(std::move(step));
        Answer(*call, std::move(receipt));
      });
}

}  // namespace nexus::command
