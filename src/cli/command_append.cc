// nexusctl append

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_options.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

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
  std::vector<std::string> warnings;
  for (const AppendWarning& warning : receipt.warnings) {
    JsonObject row;
    row.Text("field", warning.field).Text("pointer", warning.pointer);
    row.Text("message", warning.message).Text("rule", warning.rule);
    warnings.push_back(row.Take());
  }
  JsonObject json;
  json.Text("commit_id", receipt.id.ToString());
  json.Number("first_position", receipt.first.value).Number("last_position", receipt.last.value);
  json.Text("recorded_time", TimeText(receipt.recorded));
  json.Raw("streams", JsonArray(streams)).Bool("repeated", receipt.repeated);
  json.Raw("warnings", JsonArray(warnings));
  return json.Take();
}

struct AppendOptions {
  EventOptions event;
  std::vector<std::string> fail_if_types;
  std::vector<std::string> fail_if_tags;
  std::optional<uint64_t> after;
};

// One condition: an event of one of the types that has all tags; without either any event.
std::vector<client::ConditionDraft> ConditionsOf(const AppendOptions& options) {
  const bool any = options.fail_if_types.empty() && options.fail_if_tags.empty();
  if (any && !options.after.has_value()) return {};
  client::ConditionDraft condition;
  condition.after = Position(options.after.value_or(0));
  if (!any) {
    condition.fail_if_match.items = {
        {.types = options.fail_if_types, .tags = options.fail_if_tags}};
  }
  return {condition};
}

absl::StatusOr<ExitCode> AppendEvent(Session& session, const AppendOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::CommitDraft draft, ToDraft(options.event, session.in()));
  draft.conditions = ConditionsOf(options);
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
  for (const AppendWarning& warning : receipt->warnings) {
    session.Note(absl::StrCat("warning: ", Printable(warning.message, 300)));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddAppendCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<AppendOptions>();
  CLI::App* command = app.add_subcommand("append", "Store one event");
  AddEventOptions(*command, options->event);
  command
      ->add_option("--fail-if-type", options->fail_if_types,
                   "Refuse if an event of this type is there; repeated: of one of these")
      ->allow_extra_args(false)
      ->type_name("TYPE");
  command
      ->add_option("--fail-if-tag", options->fail_if_tags,
                   "Refuse if an event with this tag is there; repeated: with all of these")
      ->allow_extra_args(false)
      ->type_name("TAG");
  command
      ->add_option("--after", options->after,
                   "Refuse only for events behind this position; alone: for any event")
      ->check(CLI::NonNegativeNumber)
      ->type_name("POSITION");
  OnChosen(command, chosen, options, AppendEvent);
}

}  // namespace nexus::cli
