// nexusctl state show|diff|history

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/commands.h"
#include "cli/filter_options.h"
#include "cli/json.h"
#include "cli/route_text.h"
#include "client/convert.h"
#include "nexus/client/query.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

constexpr size_t kStateCellMax = 80;
constexpr char kPointForm[] = "A time, how long ago (15m), position:N or revision:N; default: now";

struct StateOptions {
  std::string stream;
  std::string pointer;
  std::string from;
  std::string to;
  bool merge = false;
};

absl::Status FillPastPoint(const std::string& text, const std::string& option, Session& session,
                           v1::PastPoint& point) {
  absl::string_view rest = text;
  uint64_t number = 0;
  if (absl::ConsumePrefix(&rest, "position:") && absl::SimpleAtoi(rest, &number)) {
    point.set_position(number);
    return absl::OkStatus();
  }
  rest = text;
  if (absl::ConsumePrefix(&rest, "revision:") && absl::SimpleAtoi(rest, &number)) {
    point.set_revision(number);
    return absl::OkStatus();
  }
  NEXUS_ASSIGN_OR_RETURN(const auto time, ParseTime(text, option, session.clock().Now()));
  client::FillTimestamp(*time, *point.mutable_time());
  return absl::OkStatus();
}

template <typename Request>
absl::Status FillStateRange(const StateOptions& options, Session& session, Request& request) {
  if (!options.from.empty()) {
    NEXUS_RETURN_IF_ERROR(FillPastPoint(options.from, "--from", session, *request.mutable_from()));
  }
  if (options.to.empty()) return absl::OkStatus();
  return FillPastPoint(options.to, "--to", session, *request.mutable_to());
}

template <typename Request>
Request StateRequestOf(const StateOptions& options) {
  Request request;
  request.mutable_subject()->set_stream(options.stream);
  request.mutable_subject()->set_merge_patch(options.merge);
  return request;
}

// The pages of a query, each handed to `page`, up to the last.
template <typename Request, typename Response, typename Page>
absl::Status FollowPages(Session& session, Request request,
                         absl::StatusOr<Response> (client::QueryClient::*ask)(const Request&),
                         Page page) {
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  client::QueryClient queries(*client);
  for (;;) {
    NEXUS_ASSIGN_OR_RETURN(const Response answer, (queries.*ask)(request));
    page(answer);
    if (answer.continuation().empty()) return absl::OkStatus();
    request.set_continuation(answer.continuation());
  }
}

std::string PastEventText(const v1::PastEvent& event) {
  return absl::StrCat("revision ", event.revision(), ", position ", event.position(), ", ",
                      TimeText(TimeOf(event.recorded_time())));
}

std::string PastEventJson(bool there, const v1::PastEvent& event) {
  if (!there) return "null";
  JsonObject json;
  json.Number("revision", event.revision()).Number("position", event.position());
  json.Text("recorded_time", TimeText(TimeOf(event.recorded_time())));
  return json.Take();
}

std::string PastFoldText(const v1::PastFold& fold) {
  return fold.aggregate().empty() ? "merge patch" : absl::StrCat("aggregate ", fold.aggregate());
}

absl::StatusOr<ExitCode> ShowState(Session& session, const StateOptions& options) {
  auto request = StateRequestOf<v1::StateAsOfRequest>(options);
  if (!options.to.empty()) {
    NEXUS_RETURN_IF_ERROR(FillPastPoint(options.to, "--as-of", session, *request.mutable_as_of()));
  }
  v1::StateAsOfResponse last;
  uint64_t events = 0;
  NEXUS_RETURN_IF_ERROR(FollowPages(session, std::move(request), &client::QueryClient::StateAsOf,
                                    [&](const v1::StateAsOfResponse& answer) {
                                      events += answer.fold().events_read();
                                      last = answer;
                                    }));
  JsonObject json;
  json.Text("stream", options.stream).Text("aggregate", last.fold().aggregate());
  json.Raw("last", PastEventJson(last.has_last(), last.last())).Number("position", last.position());
  json.Number("events_read", events).Raw("state", last.state());
  PrintObject(session.out(), session.style(),
              {{"stream", options.stream},
               {"folded by", PastFoldText(last.fold())},
               {"last event", last.has_last() ? PastEventText(last.last()) : "none"},
               {"state", Printable(last.state())}},
              json.Take());
  return ExitCode::kOk;
}

std::string FieldChangeJson(const v1::FieldChange& change) {
  JsonObject json;
  json.Text("pointer", change.pointer());
  if (change.has_before()) json.Raw("before", change.before());
  if (change.has_after()) json.Raw("after", change.after());
  return json.Take();
}

absl::StatusOr<ExitCode> ShowStateDiff(Session& session, const StateOptions& options) {
  auto request = StateRequestOf<v1::DiffRequest>(options);
  NEXUS_RETURN_IF_ERROR(FillStateRange(options, session, request));
  Listing listing(session.out(), session.style(), {"POINTER", "BEFORE", "AFTER"});
  uint64_t left_out = 0;
  NEXUS_RETURN_IF_ERROR(FollowPages(
      session, std::move(request), &client::QueryClient::Diff, [&](const v1::DiffResponse& answer) {
        left_out = answer.changes_left_out();
        for (const v1::FieldChange& change : answer.changes()) {
          listing.Add(
              [&] {
                return std::vector<std::string>{
                    Printable(change.pointer(), kStateCellMax),
                    change.has_before() ? Printable(change.before(), kStateCellMax) : "-",
                    change.has_after() ? Printable(change.after(), kStateCellMax) : "-"};
              },
              [&] { return FieldChangeJson(change); });
        }
      }));
  listing.End();
  if (left_out == 0) return ExitCode::kOk;
  session.Note(absl::StrCat(left_out, " more differ and are not shown"));
  return ExitCode::kPartial;
}

std::string FieldValueJson(const v1::FieldValue& value) {
  JsonObject json;
  json.Raw("event", PastEventJson(value.has_event(), value.event()));
  if (value.has_event()) {
    json.Text("event_id", value.event_id()).Text("type", value.type());
    json.Text("principal", value.principal()).Text("correlation_id", value.correlation_id());
  }
  if (value.has_value()) json.Raw("value", value.value());
  return json.Take();
}

absl::StatusOr<ExitCode> ShowFieldHistory(Session& session, const StateOptions& options) {
  auto request = StateRequestOf<v1::FieldHistoryRequest>(options);
  request.set_pointer(options.pointer);
  NEXUS_RETURN_IF_ERROR(FillStateRange(options, session, request));
  Listing listing(session.out(), session.style(),
                  {"REVISION", "RECORDED", "TYPE", "PRINCIPAL", "VALUE"});
  NEXUS_RETURN_IF_ERROR(
      FollowPages(session, std::move(request), &client::QueryClient::FieldHistory,
                  [&](const v1::FieldHistoryResponse& answer) {
                    for (const v1::FieldValue& value : answer.values()) {
                      listing.Add(
                          [&] {
                            const bool event = value.has_event();
                            return std::vector<std::string>{
                                event ? absl::StrCat(value.event().revision()) : "before",
                                event ? TimeText(TimeOf(value.event().recorded_time())) : "",
                                Printable(value.type(), kStateCellMax),
                                Printable(value.principal(), kStateCellMax),
                                value.has_value() ? Printable(value.value(), kStateCellMax) : "-"};
                          },
                          [&] { return FieldValueJson(value); });
                    }
                  }));
  listing.End();
  return ExitCode::kOk;
}

void AddStateSubject(CLI::App& command, StateOptions& options) {
  command.add_option("STREAM", options.stream, "Of which stream")->required();
  command.add_flag("--merge", options.merge,
                   "Merge the data of the events, although an aggregate is declared");
}

void AddStateRange(CLI::App& command, StateOptions& options) {
  command.add_option("--from", options.from, kPointForm)->type_name("POINT");
  command.add_option("--to", options.to, kPointForm)->type_name("POINT");
}

}  // namespace

void AddStateCommands(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<StateOptions>();
  CLI::App* state = app.add_subcommand("state", "What a stream's events made, at any point");
  state->require_subcommand(1);
  CLI::App* show = state->add_subcommand("show", "The state at one point");
  AddStateSubject(*show, *options);
  show->add_option("--as-of", options->to, kPointForm)->type_name("POINT");
  OnChosen(show, chosen, options, ShowState);
  CLI::App* diff = state->add_subcommand("diff", "What differs between two points");
  AddStateSubject(*diff, *options);
  AddStateRange(*diff, *options);
  diff->get_option("--from")->required();
  OnChosen(diff, chosen, options, ShowStateDiff);
  CLI::App* history = state->add_subcommand("history", "The values that one field has had");
  AddStateSubject(*history, *options);
  history->add_option("POINTER", options->pointer, "JSON pointer of the field")->required();
  AddStateRange(*history, *options);
  OnChosen(history, chosen, options, ShowFieldHistory);
}

}  // namespace nexus::cli
