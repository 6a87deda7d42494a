// nexusctl stream ls|info

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

struct StreamListOptions {
  std::string prefix;
  std::string category;
  bool system = false;
  uint64_t limit = 0;
};

struct StreamInfoOptions {
  std::string stream;
};

std::string StreamJson(const StreamInfo& info) {
  JsonObject json;
  json.Text("stream", info.name).Text("category", StreamName::CategoryOf(info.name));
  json.Number("events", info.last_revision.value + 1);
  json.Number("last_revision", info.last_revision.value);
  json.Number("first_position", info.first_position.value);
  json.Number("last_position", info.last_position.value);
  json.Text("create_time", TimeText(info.created)).Text("update_time", TimeText(info.updated));
  return json.Take();
}

std::vector<std::string> StreamCells(const StreamInfo& info) {
  return {info.name, absl::StrCat(info.last_revision.value + 1),
          absl::StrCat(info.last_position.value), TimeText(info.updated)};
}

absl::StatusOr<ExitCode> ListStreams(Session& session, const StreamListOptions& options) {
  StreamQuery query;
  query.name_prefix = options.prefix;
  query.category = options.category;
  query.include_system = options.system;
  query.limit = 1'000;
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  Listing listing(session.out(), session.style(), {"STREAM", "EVENTS", "POSITION", "UPDATED"});
  uint64_t printed = 0;
  std::string token;
  do {
    NEXUS_ASSIGN_OR_RETURN(const StreamPage page, client->ListStreams(query, token));
    for (const StreamInfo& info : page.streams) {
      listing.Add([&] { return StreamCells(info); }, [&] { return StreamJson(info); });
      if (++printed == options.limit) token.clear();
      if (printed == options.limit) break;
    }
  } while (!token.empty() && session.out().good());
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ShowStream(Session& session, const StreamInfoOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const StreamInfo info, client->GetStream(options.stream));
  const absl::string_view category = StreamName::CategoryOf(info.name);
  PrintObject(session.out(), session.style(),
              {{"stream", info.name},
               {"category", std::string(category)},
               {"events", absl::StrCat(info.last_revision.value + 1)},
               {"last revision", absl::StrCat(info.last_revision.value)},
               {"first position", absl::StrCat(info.first_position.value)},
               {"last position", absl::StrCat(info.last_position.value)},
               {"created", TimeText(info.created)},
               {"updated", TimeText(info.updated)}},
              StreamJson(info));
  return ExitCode::kOk;
}

}  // namespace

void AddStreamCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* stream = app.add_subcommand("stream", "Streams");
  stream->require_subcommand(1);

  auto list = std::make_shared<StreamListOptions>();
  CLI::App* ls = stream->add_subcommand("ls", "List streams by name");
  ls->add_option("--prefix", list->prefix, "Only names that begin so")->type_name("TEXT");
  ls->add_option("--category", list->category, "Only this category")->type_name("NAME");
  ls->add_flag("--system", list->system, "The server's own '$' streams too");
  ls->add_option("--limit", list->limit, "At most so many")->type_name("N");
  OnChosen(ls, chosen, list, ListStreams);

  auto info = std::make_shared<StreamInfoOptions>();
  CLI::App* one = stream->add_subcommand("info", "Where a stream stands");
  one->add_option("STREAM", info->stream, "Stream name")->required();
  OnChosen(one, chosen, info, ShowStream);
}

}  // namespace nexus::cli
