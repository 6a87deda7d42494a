// nexusctl execute

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_options.h"
#include "cli/json.h"
#include "client/convert.h"
#include "nexus/client/command.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ExecuteOptions {
  std::string type;
  std::string data;
  std::string id;
  std::string expect;
  std::vector<std::string> metadata;
  std::string correlation_id;
  std::string causation_id;
};

std::string ReceiptJson(const v1::ExecuteResponse& receipt) {
  std::vector<std::string> events;
  for (const v1::DecidedCommandEvent& event : receipt.events()) {
    JsonObject row;
    row.Text("event_id", event.event_id()).Text("type", event.type());
    row.Number("revision", event.revision()).Number("position", event.position());
    events.push_back(row.Take());
  }
  JsonObject json;
  json.Text("command_id", receipt.command_id()).Text("aggregate", receipt.aggregate());
  json.Text("stream", receipt.stream());
  if (receipt.has_revision()) json.Number("revision", receipt.revision());
  json.Number("position", receipt.position()).Raw("events", JsonArray(events));
  json.Text("correlation_id", receipt.correlation_id());
  json.Bool("repeated", receipt.repeated_command()).Number("attempts", receipt.attempts());
  return json.Take();
}

absl::StatusOr<v1::ExecuteRequest> RequestOf(const ExecuteOptions& options, Session& session) {
  v1::ExecuteRequest request;
  v1::Command& command = *request.mutable_command();
  // Made here, so that it can be told if the outcome stays unknown.
  command.set_command_id(options.id.empty() ? FormatUuid(session.ids().NewUuid()) : options.id);
  command.set_type(options.type);
  NEXUS_ASSIGN_OR_RETURN(std::string data, ReadData(options.data, session.in()));
  command.set_data(std::move(data));
  NEXUS_ASSIGN_OR_RETURN(const auto metadata, ParseMetadata(options.metadata));
  for (const auto& [key, value] : metadata) (*command.mutable_metadata())[key] = value;
  command.set_correlation_id(options.correlation_id);
  command.set_causation_id(options.causation_id);
  if (!options.expect.empty()) {
    NEXUS_ASSIGN_OR_RETURN(const ExpectedRevision expected, ParseExpected(options.expect));
    client::FillExpected(expected, *request.mutable_expected_revision());
  }
  return request;
}

absl::StatusOr<ExitCode> Execute(Session& session, const ExecuteOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(const v1::ExecuteRequest request, RequestOf(options, session));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  const absl::StatusOr<v1::ExecuteResponse> receipt =
      client::CommandClient(*client).Execute(request);
  if (!receipt.ok()) {
    // The one thing that makes asking again safe.
    if (ExitCodeOf(receipt.status()) == ExitCode::kUnavailable) {
      session.Note(absl::StrCat("command id ", request.command().command_id()));
    }
    return receipt.status();
  }
  std::vector<std::pair<std::string, std::string>> fields = {{"stream", receipt->stream()}};
  if (receipt->has_revision()) {
    fields.emplace_back("revision", absl::StrCat(receipt->revision()));
  }
  for (const v1::DecidedCommandEvent& event : receipt->events()) {
    fields.emplace_back("event", absl::StrCat(event.type(), " at position ", event.position()));
  }
  if (receipt->events().empty()) fields.emplace_back("event", "none");
  fields.emplace_back("command id", receipt->command_id());
  if (receipt->repeated_command()) fields.emplace_back("repeated", "yes: it was decided before");
  PrintObject(session.out(), session.style(), fields, ReceiptJson(*receipt));
  for (const v1::AppendWarning& warning : receipt->warnings()) {
    session.Note(absl::StrCat("warning: ", Printable(warning.message(), 300)));
  }
  return ExitCode::kOk;
}

}  // namespace

void AddExecuteCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ExecuteOptions>();
  CLI::App* command = app.add_subcommand("execute", "Have a domain decide one command");
  command->add_option("TYPE", options->type, "Type of the command")->required();
  command->add_option("--data", options->data, "JSON, @FILE, or - for standard input")
      ->required()
      ->type_name("DATA");
  command->add_option("--id", options->id, "Command id; makes a repetition safe")
      ->type_name("UUID");
  command
      ->add_option("--expect", options->expect,
                   "Only if the aggregate's stream is so: no-stream, exists, or a revision")
      ->type_name("REVISION");
  command->add_option("--meta", options->metadata, "May be repeated")
      ->allow_extra_args(false)
      ->type_name("KEY=VALUE");
  command->add_option("--correlation-id", options->correlation_id, "Business process")
      ->type_name("ID");
  command->add_option("--causation-id", options->causation_id, "What caused it")->type_name("ID");
  OnChosen(command, chosen, options, Execute);
}

}  // namespace nexus::cli
