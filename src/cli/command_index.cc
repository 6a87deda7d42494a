// nexusctl index rebuild

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/progress.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct IndexOptions {};

absl::StatusOr<ExitCode> RebuildIndex(Session& session, const IndexOptions&) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  std::optional<Progress> progress;
  std::string problem;
  const absl::StatusOr<uint64_t> indexed =
      client->RebuildIndex([&](const client::RebuildProgress& told) {
        if (!progress) {
          progress.emplace(session.err(), session.surroundings().err_is_terminal, told.target.value,
                           session.clock());
        }
        if (!session.settings().quiet) {
          progress->Update(told.indexed_to.value, told.indexed_to.value);
        }
        if (told.problem != problem && !told.problem.empty()) session.Note(told.problem);
        problem = told.problem;
      });
  if (progress) progress->End();
  if (!indexed.ok()) {
    if (!session.stop().requested()) return indexed.status();
    session.Note("the server goes on; nexusctl status tells how far it is");
    return ExitCode::kInterrupted;
  }
  JsonObject json;
  json.Number("indexed_to", *indexed);
  PrintObject(session.out(), session.style(), {{"indexed to", absl::StrCat(*indexed)}},
              json.Take());
  return ExitCode::kOk;
}

}  // namespace

void AddIndexCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* index = app.add_subcommand("index", "The index behind filtered reads");
  index->require_subcommand(1);
  CLI::App* rebuild =
      index->add_subcommand("rebuild", "Build it again from the log; reads work meanwhile");
  OnChosen(rebuild, chosen, std::make_shared<IndexOptions>(), RebuildIndex);
}

}  // namespace nexus::cli
