// nexusctl errors ls|explain

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/error_catalogue.h"
#include "cli/json.h"
#include "nexus/core/errors.h"

namespace nexus::cli {
namespace {

struct ErrorOptions {
  std::string reason;
};

std::string EntryJson(const ReasonEntry& entry) {
  JsonObject json;
  json.Text("reason", entry.name).Number("number", static_cast<uint64_t>(entry.number));
  json.Text("code", entry.code).Bool("retriable", entry.retriable);
  json.Text("explanation", entry.explanation);
  return json.Take();
}

absl::StatusOr<ExitCode> ListErrors(Session& session, const ErrorOptions&) {
  Listing listing(session.out(), session.style(), {"REASON", "CODE", "RETRY", "EXPLANATION"});
  for (const ReasonEntry& entry : AllReasons()) {
    listing.Add(
        [&] {
          return std::vector<std::string>{entry.name, entry.code, entry.retriable ? "yes" : "no",
                                          Printable(entry.explanation, 60)};
        },
        [&] { return EntryJson(entry); });
  }
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ExplainError(Session& session, const ErrorOptions& options) {
  const std::string wanted = absl::AsciiStrToUpper(options.reason);
  for (const ReasonEntry& entry : AllReasons()) {
    if (entry.name != wanted) continue;
    PrintObject(session.out(), session.style(),
                {{"reason", entry.name},
                 {"gRPC code", entry.code},
                 {"retry", entry.retriable ? "the same call may succeed later" : "no"},
                 {"explanation", entry.explanation}},
                EntryJson(entry));
    return ExitCode::kOk;
  }
  return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no reason \"", options.reason,
                                                        "\"; errors ls lists them"));
}

}  // namespace

void AddErrorsCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* errors = app.add_subcommand("errors", "What errors mean");
  errors->require_subcommand(1);
  auto options = std::make_shared<ErrorOptions>();
  OnChosen(errors->add_subcommand("ls", "List every reason"), chosen, options, ListErrors,
           Reach::kLocal);
  CLI::App* explain = errors->add_subcommand("explain", "Causes and what to do");
  explain->add_option("REASON", options->reason, "Such as REVISION_CONFLICT")->required();
  OnChosen(explain, chosen, options, ExplainError, Reach::kLocal);
}

}  // namespace nexus::cli
