// nexusctl read

#include <optional>

#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/filter_options.h"
#include "cli/view_options.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ReadOptions {
  std::string stream;
  std::optional<uint64_t> from;
  bool backwards = false;
  uint64_t limit = 0;
  uint64_t min_position = 0;
  bool system = false;
  FilterOptions filter;
  std::vector<std::string> as_version;
};

absl::StatusOr<ExitCode> ReadEvents(Session& session, const ReadOptions& options) {
  client::ReadOptions read;
  read.stream = options.stream;
  read.from = options.from;
  read.direction = options.backwards ? Direction::kBackward : Direction::kForward;
  read.limit = options.limit;
  read.min_position = Position(options.min_position);
  read.exclude_system = options.stream.empty() && !options.system;
  read.filter = ToFilter(options.filter);
  read.to = options.filter.to;
  const Timestamp now = session.clock().Now();
  NEXUS_ASSIGN_OR_RETURN(read.from_time, ParseTime(options.filter.from_time, "--from-time", now));
  NEXUS_ASSIGN_OR_RETURN(read.to_time, ParseTime(options.filter.to_time, "--to-time", now));
  NEXUS_ASSIGN_OR_RETURN(read.as_version, ToView(options.as_version));
  // A scan takes as long as it takes, unless it waits for something or the user says otherwise.
  if (session.settings().timeout_given || options.min_position > 0) {
    read.timeout = session.settings().timeout;
  }
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  const std::unique_ptr<client::EventStream> events = client->Read(read);
  Listing listing(session.out(), session.style(), EventColumns());
  bool any = false;
  while (true) {
    NEXUS_ASSIGN_OR_RETURN(const std::optional<EventBatch> batch, events->Next());
    if (!batch.has_value()) break;
    for (const RecordedEvent& event : batch->events) {
      listing.Add([&] { return EventCells(event); }, [&] { return EventJson(event); });
      any = true;
    }
    if (!session.out().good()) break;  // the reader of our output has gone
  }
  listing.End();
  if (!any && session.style().format == Format::kTable) session.Note("no events");
  return ExitCode::kOk;
}

}  // namespace

void AddReadCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ReadOptions>();
  CLI::App* command = app.add_subcommand("read", "Print stored events of a stream, or of all");
  command->add_option("STREAM", options->stream, "Stream name; without it the whole log");
  command->add_option("--from", options->from, "First revision (or position), inclusive")
      ->type_name("N");
  command->add_flag("--backwards", options->backwards, "Newest first");
  command->add_option("--limit", options->limit, "At most so many events")->type_name("N");
  command->add_option("--min-position", options->min_position, "Wait until the log has come so far")
      ->type_name("N");
  AddFilterOptions(*command, options->filter);
  AddViewOption(*command, options->as_version);
  command->add_flag("--system", options->system, "The server's own '$' streams too");
  OnChosen(command, chosen, options, ReadEvents);
}

}  // namespace nexus::cli
