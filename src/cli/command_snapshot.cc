// nexusctl snapshot ls|show|make|rm

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "nexus/client/snapshot.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

constexpr size_t kStreamShown = 60;
constexpr int kSnapshotPage = 500;

struct SnapshotOptions {
  std::string stream;
  std::optional<uint64_t> revision;
  size_t limit = 0;
};

std::string WhenText(const google::protobuf::Timestamp& time) { return TimeText(TimeOf(time)); }

std::string SnapshotJson(const admin::v1::Snapshot& snapshot) {
  JsonObject json;
  json.Text("stream", snapshot.stream())
      .Number("revision", snapshot.revision())
      .Number("position", snapshot.position())
      .Text("event_id", snapshot.event_id())
      .Text("event_time", WhenText(snapshot.event_time()))
      .Text("made", WhenText(snapshot.create_time()))
      .Number("events", snapshot.events())
      .Text("aggregate", snapshot.aggregate())
      .Number("state_schema", snapshot.state_schema())
      .Text("code_digest", snapshot.code_digest())
      .Number("state_bytes", snapshot.state_bytes())
      .Bool("current", snapshot.current());
  if (!snapshot.state().empty()) json.Raw("state", snapshot.state());
  return json.Take();
}

void PrintSnapshot(Session& session, const admin::v1::Snapshot& snapshot) {
  std::vector<std::pair<std::string, std::string>> fields = {
      {"stream", Printable(snapshot.stream())},
      {"revision", absl::StrCat(snapshot.revision())},
      {"position", absl::StrCat(snapshot.position())},
      {"event", absl::StrCat(snapshot.event_id(), " of ", WhenText(snapshot.event_time()))},
      {"made", WhenText(snapshot.create_time())},
      {"events", absl::StrCat(snapshot.events())},
      {"aggregate", Printable(snapshot.aggregate())},
      {"state schema", absl::StrCat(snapshot.state_schema())},
      {"code digest", snapshot.code_digest()},
      {"current", snapshot.current() ? "yes" : "no: what folds now is other code"},
      {"state bytes", absl::StrCat(snapshot.state_bytes())}};
  if (!snapshot.state().empty()) fields.emplace_back("state", Printable(snapshot.state()));
  PrintObject(session.out(), session.style(), fields, SnapshotJson(snapshot));
}

absl::StatusOr<ExitCode> ListSnapshots(Session& session, const SnapshotOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  Listing listing(session.out(), session.style(),
                  {"STREAM", "REVISION", "MADE", "BYTES", "CURRENT"});
  admin::v1::ListSnapshotsRequest request;
  request.set_stream(options.stream);
  request.set_page_size(kSnapshotPage);
  size_t shown = 0;
  do {
    NEXUS_ASSIGN_OR_RETURN(const auto page, client::SnapshotClient(*client).List(request));
    for (const admin::v1::Snapshot& snapshot : page.snapshots()) {
      if (options.limit > 0 && shown == options.limit) break;
      ++shown;
      listing.Add(
          [&] {
            return std::vector<std::string>{
                Printable(snapshot.stream(), kStreamShown), absl::StrCat(snapshot.revision()),
                WhenText(snapshot.create_time()), absl::StrCat(snapshot.state_bytes()),
                snapshot.current() ? "yes" : "no"};
          },
          [&] { return SnapshotJson(snapshot); });
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() && (options.limit == 0 || shown < options.limit));
  listing.End();
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> ShowSnapshot(Session& session, const SnapshotOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto snapshot,
                         client::SnapshotClient(*client).Get(options.stream, options.revision));
  PrintSnapshot(session, snapshot);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> MakeSnapshot(Session& session, const SnapshotOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto snapshot,
                         client::SnapshotClient(*client).Create(options.stream));
  PrintSnapshot(session, snapshot);
  return ExitCode::kOk;
}

absl::StatusOr<ExitCode> RemoveSnapshots(Session& session, const SnapshotOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const auto answer,
                         client::SnapshotClient(*client).Delete(options.stream, options.revision));
  PrintObject(session.out(), session.style(), {{"deleted", absl::StrCat(answer.deleted())}},
              JsonObject().Number("deleted", answer.deleted()).Take());
  return ExitCode::kOk;
}

}  // namespace

void AddSnapshotCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* snapshot = app.add_subcommand("snapshot", "Kept states of aggregates");
  snapshot->require_subcommand(1);
  auto options = std::make_shared<SnapshotOptions>();
  const auto of_stream = [&](const char* name, const char* about) {
    CLI::App* command = snapshot->add_subcommand(name, about);
    command->add_option("STREAM", options->stream, "Of the aggregate: order-7")->required();
    return command;
  };

  CLI::App* list = snapshot->add_subcommand("ls", "All of them, by stream, the newest first");
  list->add_option("STREAM", options->stream, "Only of this one");
  list->add_option("-n,--limit", options->limit, "At most so many")->type_name("N");
  OnChosen(list, chosen, options, ListSnapshots);

  CLI::App* show = of_stream("show", "One with its state");
  show->add_option("--revision", options->revision, "Default: the newest")->type_name("N");
  OnChosen(show, chosen, options, ShowSnapshot);

  OnChosen(of_stream("make", "Make one of the aggregate as it is now"), chosen, options,
           MakeSnapshot);

  CLI::App* remove = of_stream("rm", "Remove those of a stream; states are folded again");
  remove->add_option("--revision", options->revision, "Only this one")->type_name("N");
  OnChosen(remove, chosen, options, RemoveSnapshots);
}

}  // namespace nexus::cli
