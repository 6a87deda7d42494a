// nexusctl append

#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_options.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

std::string ReceiptJson(const CommitReceipt& receipt) {
  std::vector<std::string> streams;
  for (const StreamOutcome& outcome : receipt.streams) {
    JsonObject stream;
    stream.Text("stream", outcome.stream.str());
    if (outcome.events > 0) {
      stream.Number("first_revision", outcome.first.value);
      stream.Number("last_revision", outcome.last.value);
    }
    streams.push_back(stream.Take());
  }
  JsonObject json;
  json.Text("commit_id", receipt.id.ToString());
  json.Number("first_position", receipt.first.value).Number("last_position", receipt.last.value);
  json.Text("recorded_time", TimeText(receipt.recorded));
  json.Raw("streams", JsonArray(streams)).Bool("repeated", receipt.repeated);
  return json.Take();
}

absl::StatusOr<ExitCode> AppendEvent(Session& session, const EventOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::CommitDraft draft, ToDraft(options, session.in()));
  if (draft.commit_id.empty()) draft.commit_id = FormatUuid(session.ids().NewUuid());
  const std::string commit_id = draft.commit_id;
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  const absl::StatusOr<CommitReceipt> receipt = client->Append(std::move(draft));
  if (!receipt.ok()) {
    // The one thing that makes asking again safe.
    if (ExitCodeOf(receipt.status()) == ExitCode::kUnavailable) {
      session.Note(absl::StrCat("commit id ", commit_id));
    }
    return receipt.status();
  }
  std::vector<std::pair<std::string, std::string>> fields = {
      {"position", absl::StrCat(receipt->last.value)}};
  for (const StreamOutcome& outcome : receipt->streams) {
    fields.emplace_back("stream", outcome.stream.str());
    fields.emplace_back("revision", absl::StrCat(outcome.last.value));
  }
  fields.emplace_back("commit id", receipt->id.ToString());
  fields.emplace_back("recorded", TimeText(receipt->recorded));
  if (receipt->repeated) fields.emplace_back("repeated", "yes: it was stored before");
  PrintObject(session.out(), session.style(), fields, ReceiptJson(*receipt));
  return ExitCode::kOk;
}

}  // namespace

void AddAppendCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<EventOptions>();
  CLI::App* command = app.add_subcommand("append", "Store one event");
  AddEventOptions(*command, *options);
  OnChosen(command, chosen, options, AppendEvent);
}

}  // namespace nexus::cli
