// nexusctl dlq ls|show|retry|skip|edit

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/files.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "nexus/client/route.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr size_t kLetterCellMax = 60;
constexpr int32_t kLetterPage = 500;

struct LetterOptions {
  std::vector<uint64_t> ids;
  std::string route;
  std::string stream;
  std::string type;
  std::string error_class;
  bool all = false;
  bool groups = false;
  double rate = 10;
  uint64_t limit = 0;
  std::string comment;
  std::string data;
};

using Letters = std::vector<admin::v1::DeadLetter>;

// Every page; `groups` gets how many there are of each kind.
absl::StatusOr<Letters> FindLetters(client::RouteClient& routes, const LetterOptions& options,
                                    std::vector<admin::v1::DeadLetterGroup>& groups) {
  admin::v1::ListDeadLettersRequest request;
  request.set_page_size(kLetterPage);
  request.set_route(options.route);
  request.set_stream(options.stream);
  request.set_type(options.type);
  request.set_error_class(options.error_class);
  Letters letters;
  do {
    NEXUS_ASSIGN_OR_RETURN(const auto page, routes.ListLetters(request));
    letters.insert(letters.end(), page.dead_letters().begin(), page.dead_letters().end());
    groups.assign(page.groups().begin(), page.groups().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return letters;
}

absl::StatusOr<ExitCode> ListLetters(Session& session, const LetterOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::RouteClient routes(*client);
  std::vector<admin::v1::DeadLetterGroup> groups;
  NEXUS_ASSIGN_OR_RETURN(const Letters letters, FindLetters(routes, options, groups));
  if (options.groups) {
    Listing listing(session.out(), session.style(), {"ROUTE", "CLASS", "OPEN"});
    for (const admin::v1::DeadLetterGroup& group : groups) {
      listing.Add(
          [&] {
            return std::vector<std::string>{group.route(), group.error_class(),
                                            absl::StrCat(group.count())};
          },
          [&] {
            JsonObject json;
            json.Text("route", group.route()).Text("class", group.error_class());
            return json.Number("open", group.count()).Take();
          });
    }
    listing.End();
    return ExitCode::kOk;
  }
  Listing listing(session.out(), session.style(),
                  {"ID", "ROUTE", "STREAM", "REVISION", "TYPE", "CLASS", "STATE", "ERROR"});
  for (const admin::v1::DeadLetter& letter : letters) {
    listing.Add(
        [&] {
          return std::vector<std::string>{
              absl::StrCat(letter.id()),      letter.route(),
              Printable(letter.stream(), 40), absl::StrCat(letter.revision()),
              Printable(letter.type(), 40),   letter.error_class(),
              DeadLetterStateText(letter),    Printable(letter.error(), kLetterCellMax)};
        },
        [&] { return DeadLetterJson(letter); });
  }
  listing.End();
  if (letters.empty()) session.Note("no open dead letters");
  return ExitCode::kOk;
}

void PrintLetter(Session& session, const admin::v1::DeadLetter& letter) {
  PrintObject(session.out(), session.style(),
              {{"letter", absl::StrCat(letter.id(), " of route ", letter.route())},
               {"event", absl::StrCat(Printable(letter.stream()), " revision ", letter.revision(),
                                      ", position ", letter.position())},
               {"type", Printable(letter.type())},
               {"attempts", absl::StrCat(letter.attempts())},
               {"class", letter.error_class()},
               {"error", Printable(letter.error())},
               {"state", absl::StrCat(DeadLetterStateText(letter),
                                      letter.parked() ? "; its stream waits behind it"
                                                      : "; its stream went on")},
               {"decided by", Printable(letter.decided_by())},
               {"comment", Printable(letter.comment())}},
              DeadLetterJson(letter));
}

// The event itself, as it is in the log.
absl::StatusOr<RecordedEvent> ReadOriginal(client::Client& client,
                                           const admin::v1::DeadLetter& letter,
                                           std::optional<EventBatch>& batch) {
  client::ReadOptions read;
  read.stream = letter.stream();
  read.from = letter.revision();
  read.limit = 1;
  const auto events = client.Read(read);
  NEXUS_ASSIGN_OR_RETURN(batch, events->Next());
  if (batch.has_value() && !batch->events.empty()) return batch->events.front();
  return MakeError(ErrorReason::kNotFound, "the event of the letter cannot be read");
}

absl::StatusOr<ExitCode> ShowLetter(Session& session, const LetterOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::RouteClient routes(*client);
  NEXUS_ASSIGN_OR_RETURN(const auto letter, routes.GetLetter(options.ids.front()));
  PrintLetter(session, letter);
  std::optional<EventBatch> batch;
  const auto event = ReadOriginal(*client, letter, batch);
  if (event.ok()) session.out() << EventJson(*event) << "\n";
  return ExitCode::kOk;
}

// What is named, or all that fit.
absl::StatusOr<std::vector<uint64_t>> ChosenLetters(client::RouteClient& routes,
                                                    const LetterOptions& options) {
  if (!options.ids.empty()) return options.ids;
  const bool filtered = !options.route.empty() || !options.stream.empty() ||
                        !options.type.empty() || !options.error_class.empty();
  if (!filtered && !options.all) {
    return UsageError("name letters by their ids, or by a filter, or say --all");
  }
  std::vector<admin::v1::DeadLetterGroup> groups;
  NEXUS_ASSIGN_OR_RETURN(const Letters letters, FindLetters(routes, options, groups));
  std::vector<uint64_t> ids;
  for (const admin::v1::DeadLetter& letter : letters) {
    if (options.limit > 0 && ids.size() == options.limit) break;
    ids.push_back(letter.id());
  }
  return ids;
}

// One decision a letter, so many a second, and a report of all.
template <typename Decide>
absl::StatusOr<ExitCode> DecideAll(Session& session, const LetterOptions& options, Decide decide) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::RouteClient routes(*client);
  NEXUS_ASSIGN_OR_RETURN(const std::vector<uint64_t> ids, ChosenLetters(routes, options));
  uint64_t decided = 0;
  std::vector<std::string> failures;
  absl::Status first;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (i > 0 && !session.stop().Wait(absl::Seconds(1) / options.rate)) break;
    const auto letter = decide(routes, ids[i]);
    if (letter.ok()) {
      ++decided;
      continue;
    }
    first.Update(letter.status());
    failures.push_back(absl::StrCat("letter ", ids[i], ": ", letter.status().message()));
  }
  JsonObject json;
  json.Number("letters", ids.size()).Number("decided", decided);
  json.Raw("failures", JsonTexts(failures));
  std::vector<std::pair<std::string, std::string>> fields = {{"letters", absl::StrCat(ids.size())},
                                                             {"decided", absl::StrCat(decided)}};
  for (const std::string& failure : failures) fields.emplace_back("failed", Printable(failure));
  PrintObject(session.out(), session.style(), fields, json.Take());
  if (ids.size() == 1 && !first.ok()) return first;
  return decided == ids.size() ? ExitCode::kOk : ExitCode::kPartial;
}

absl::StatusOr<ExitCode> RetryLetters(Session& session, const LetterOptions& options) {
  return DecideAll(session, options, [&](client::RouteClient& routes, uint64_t id) {
    admin::v1::RetryDeadLetterRequest request;
    request.set_id(id);
    request.set_comment(options.comment);
    return routes.RetryLetter(request);
  });
}

absl::StatusOr<ExitCode> SkipLetters(Session& session, const LetterOptions& options) {
  return DecideAll(session, options, [&](client::RouteClient& routes, uint64_t id) {
    admin::v1::SkipDeadLetterRequest request;
    request.set_id(id);
    request.set_comment(options.comment);
    return routes.SkipLetter(request);
  });
}

// A new event takes the place of one that no broker takes: it passes the same gates as any other,
// and names the one that it stands for.
absl::StatusOr<ExitCode> EditLetter(Session& session, const LetterOptions& options) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::RouteClient routes(*client);
  NEXUS_ASSIGN_OR_RETURN(const auto letter, routes.GetLetter(options.ids.front()));
  std::optional<EventBatch> batch;
  NEXUS_ASSIGN_OR_RETURN(const RecordedEvent original, ReadOriginal(*client, letter, batch));
  client::EventDraft event;
  event.event_id = FormatUuid(session.ids().NewUuid());
  event.type = std::string(original.type);
  event.content_type = std::string(original.content_type);
  NEXUS_ASSIGN_OR_RETURN(event.data, ReadSource(options.data, session.in()));
  for (const absl::string_view tag : original.tags) event.tags.emplace_back(tag);
  for (const auto& [key, value] : original.metadata) event.metadata.emplace_back(key, value);
  event.metadata.emplace_back("replaces_event", letter.event_id());
  event.routing = original.routing;
  event.correlation_id = std::string(original.correlation_id);
  event.causation_id = letter.event_id();
  client::CommitDraft draft;
  draft.streams.push_back({letter.stream(), ExpectedRevision::StreamExists(), {event}});
  NEXUS_ASSIGN_OR_RETURN(const CommitReceipt receipt, client->Append(std::move(draft)));
  admin::v1::SkipDeadLetterRequest request;
  request.set_id(letter.id());
  request.set_comment(options.comment);
  request.set_replaced_by(event.event_id);
  NEXUS_ASSIGN_OR_RETURN(const auto skipped, routes.SkipLetter(request));
  session.Note(absl::StrCat("event ", event.event_id, " at position ", receipt.last.value,
                            " takes its place"));
  PrintLetter(session, skipped);
  return ExitCode::kOk;
}

void AddFilter(CLI::App& command, LetterOptions& options) {
  command.add_option("--route", options.route, "Of this route");
  command.add_option("--stream", options.stream, "Of this stream");
  command.add_option("--type", options.type, "Of this event type");
  command.add_option("--class", options.error_class,
                     "too-large, unroutable, forbidden, malformed, transform, unstamped or other");
}

void AddDecision(CLI::App& command, LetterOptions& options) {
  command.add_option("ID", options.ids, "Letters by their ids");
  AddFilter(command, options);
  command.add_flag("--all", options.all, "Every open letter");
  command.add_option("--limit", options.limit, "At most so many, the oldest first");
  command.add_option("--rate", options.rate, "So many a second; default 10")
      ->check(CLI::Range(0.01, 10'000.0));
  command.add_option("--comment", options.comment, "Why");
}

}  // namespace

void AddDeadLetterCommands(CLI::App& app, Chosen& chosen) {
  CLI::App* dlq = app.add_subcommand("dlq", "Events that a broker did not take");
  dlq->require_subcommand(1);
  auto options = std::make_shared<LetterOptions>();

  CLI::App* list = dlq->add_subcommand("ls", "Open dead letters, oldest first");
  AddFilter(*list, *options);
  list->add_flag("--groups", options->groups, "How many of each route and class");
  OnChosen(list, chosen, options, ListLetters);

  CLI::App* show = dlq->add_subcommand("show", "One letter, and its event");
  show->add_option("ID", options->ids, "Its id")->required()->expected(1);
  OnChosen(show, chosen, options, ShowLetter);

  CLI::App* retry = dlq->add_subcommand("retry", "Try again; the stream goes on behind it");
  AddDecision(*retry, *options);
  OnChosen(retry, chosen, options, RetryLetters);

  CLI::App* skip = dlq->add_subcommand("skip", "Let the stream go on without it");
  AddDecision(*skip, *options);
  OnChosen(skip, chosen, options, SkipLetters);

  CLI::App* edit = dlq->add_subcommand("edit", "Store another event in its place, and skip it");
  edit->add_option("ID", options->ids, "Its id")->required()->expected(1);
  edit->add_option("--data", options->data, "The data of the new event: a file, or -")->required();
  edit->add_option("--comment", options->comment, "Why");
  OnChosen(edit, chosen, options, EditLetter);
}

}  // namespace nexus::cli
