// nexusctl tail

#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/filter_options.h"
#include "cli/view_options.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct TailOptions {
  std::string stream;
  bool from_beginning = false;
  std::optional<uint64_t> after;
  uint64_t count = 0;  // 0: no end
  bool system = false;
  FilterOptions filter;
  std::vector<std::string> as_version;
};

absl::StatusOr<client::SubscribeOptions> ToSubscribe(const TailOptions& options, Timestamp now) {
  client::SubscribeOptions subscribe;
  subscribe.stream = options.stream;
  subscribe.after = options.after;
  subscribe.from_end = !options.from_beginning;
  subscribe.exclude_system = options.stream.empty() && !options.system;
  subscribe.filter = ToFilter(options.filter);
  subscribe.to = options.filter.to;
  NEXUS_ASSIGN_OR_RETURN(subscribe.from_time,
                         ParseTime(options.filter.from_time, "--from-time", now));
  NEXUS_ASSIGN_OR_RETURN(subscribe.to_time, ParseTime(options.filter.to_time, "--to-time", now));
  NEXUS_ASSIGN_OR_RETURN(subscribe.as_version, ToView(options.as_version));
  return subscribe;
}

absl::StatusOr<ExitCode> TailEvents(Session& session, const TailOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(const client::SubscribeOptions wanted,
                         ToSubscribe(options, session.clock().Now()));
  const auto subscription = client->Subscribe(wanted);
  // An array that never ends is of use to nobody.
  OutputStyle style = session.style();
  if (style.format == Format::kJson) style.format = Format::kJsonLines;
  Listing listing(session.out(), style, EventColumns());
  uint64_t printed = 0;
  while (session.out().good()) {
    absl::StatusOr<client::SubscriptionMessage> message = subscription->Next();
    if (!message.ok()) {
      listing.End();
      if (session.stop().requested()) return ExitCode::kInterrupted;
      return message.status();
    }
    using Kind = client::SubscriptionMessage::Kind;
    if (message->kind == Kind::kEnd) {
      listing.End();
      return ExitCode::kOk;
    }
    if (message->kind == Kind::kCaughtUp && session.settings().verbose) {
      session.Note(absl::StrCat("live from position ", message->head.value));
    }
    for (const RecordedEvent& event : message->batch.events) {
      listing.Add([&] { return EventCells(event); }, [&] { return EventJson(event); });
      if (++printed != options.count) continue;
      listing.End();
      return ExitCode::kOk;
    }
    listing.Flush();
  }
  return ExitCode::kFailure;
}

}  // namespace

void AddTailCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<TailOptions>();
  CLI::App* command = app.add_subcommand("tail", "Print events as they are stored");
  command->add_option("STREAM", options->stream, "Stream name; without it the whole log");
  CLI::Option* beginning =
      command->add_flag("--from-beginning", options->from_beginning, "History first");
  command->add_option("--after", options->after, "Only after this revision (or position)")
      ->type_name("N")
      ->excludes(beginning);
  command->add_option("--count", options->count, "End after so many events")->type_name("N");
  AddFilterOptions(*command, options->filter);
  AddViewOption(*command, options->as_version);
  command->add_flag("--system", options->system, "The server's own '$' streams too");
  OnChosen(command, chosen, options, TailEvents);
}

}  // namespace nexus::cli
