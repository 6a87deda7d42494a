// RouteService: where events would go, and dead letters.

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "rpc/convert.h"
#include "rpc/page.h"
#include "rpc/route_calls.h"

namespace nexus::rpc {
namespace {

constexpr uint64_t kSimulatedEvents = 10'000;
constexpr uint64_t kSimulatedEventsMax = 1'000'000;

void FillTest(const route::RouteState& routes, const route::Classification& rules,
              const RecordedEvent& event, admin::v1::TestRouteResponse& out) {
  const route::Explanation explanation = route::Explain(rules.rules, event);
  FillTrial(explanation, rules, out);
  FillTrials(route::TryRoutes(routes, event, explanation.verdict.path), out);
}

// Its views are into the request.
RecordedEvent SampleOf(const admin::v1::TestRouteRequest& request) {
  RecordedEvent event;
  event.stream = request.stream();
  event.type = request.type();
  event.correlation_id = request.correlation_id();
  event.data = request.data();
  event.routing = ToHints(request.routing());
  event.tags.assign(request.tags().begin(), request.tags().end());
  for (const auto& [key, value] : request.metadata()) event.metadata.emplace_back(key, value);
  return event;
}

// The routes as the change would leave them.
absl::StatusOr<route::RouteState> Changed(const route::RouteState& now,
                                          const admin::v1::SimulateRoutesRequest& request,
                                          JsonReader& json) {
  route::RouteState then = now;
  for (const std::string& text : request.declarations()) {
    route::RouteEvent event;
    NEXUS_ASSIGN_OR_RETURN(event.route, route::ParseRoute(text, json));
    event.name = event.route->name;
    NEXUS_RETURN_IF_ERROR(then.Apply(event, {}));
  }
  for (const std::string& name : request.removed_routes()) {
    route::RouteEvent event;
    event.change = route::RouteChange::kRemoved;
    event.name = name;
    NEXUS_RETURN_IF_ERROR(then.Check(event));
    NEXUS_RETURN_IF_ERROR(then.Apply(event, {}));
  }
  return then;
}

PageKey LettersKey(const admin::v1::ListDeadLettersRequest& request) {
  return {absl::StrCat(request.route(), "\n", request.stream(), "\n", request.type(), "\n",
                       request.error_class())};
}

void FillGroups(const std::vector<route::Letter>& letters,
                admin::v1::ListDeadLettersResponse& out) {
  std::map<std::pair<std::string, std::string>, uint64_t> groups;
  for (const route::Letter& letter : letters) {
    ++groups[{letter.route, std::string(route::ErrorClassName(letter.error_class))}];
  }
  for (const auto& [group, count] : groups) {
    admin::v1::DeadLetterGroup& row = *out.add_groups();
    row.set_route(group.first);
    row.set_error_class(group.second);
    row.set_count(count);
  }
}

absl::Status FillPage(std::vector<route::Letter> letters,
                      const admin::v1::ListDeadLettersRequest& request,
                      admin::v1::ListDeadLettersResponse& out) {
  const PageKey key = LettersKey(request);
  size_t limit = 0;
  std::string after_text;
  NEXUS_RETURN_IF_ERROR(
      ReadPageRequest(request.page_size(), request.page_token(), key, limit, after_text));
  std::erase_if(letters, [&](const route::Letter& one) { return !IsAskedFor(one, request); });
  FillGroups(letters, out);
  uint64_t after = 0;
  const bool from_start = !absl::SimpleAtoi(after_text, &after);
  for (const route::Letter& letter : letters) {
    if (!from_start && letter.id <= after) continue;
    if (static_cast<size_t>(out.dead_letters_size()) == limit) {
      const uint64_t last = out.dead_letters(out.dead_letters_size() - 1).id();
      out.set_next_page_token(MakePageToken(key, absl::StrCat(last)));
      break;
    }
    FillLetter(letter, *out.add_dead_letters());
  }
  return absl::OkStatus();
}

}  // namespace

void RouteService::TestRoute(Call<admin::v1::TestRouteRequest, admin::v1::TestRouteResponse> call) {
  const admin::v1::TestRouteRequest& request = call->request();
  if (request.position() == 0) {
    if (request.stream().empty() || request.type().empty()) {
      return call->Finish(MakeError(ErrorReason::kMalformedRequest,
                                    "a position, or a stream and a type, are needed"));
    }
    FillTest(*routes_.book->Snapshot(), *routes_.book->classifications().Latest(),
             SampleOf(request), call->response());
    return call->Finish(absl::OkStatus());
  }
  OnWorker(call, [this, call] {
    const Position position(call->request().position());
    if (position > routes_.reader->Head()) {
      return call->Finish(MakeError(ErrorReason::kPositionBeyondHead,
                                    absl::StrCat("the log ends before ", position.value)));
    }
    const auto page = routes_.reader->ReadAt({position}, PageLimits());
    if (page.ok()) {
      FillTest(*routes_.book->Snapshot(), *routes_.book->classifications().At(position),
               page->events.front(), call->response());
    }
    call->Finish(page.status());
  });
}

void RouteService::SimulateRoutes(
    Call<admin::v1::SimulateRoutesRequest, admin::v1::SimulateRoutesResponse> call) {
  const admin::v1::SimulateRoutesRequest& request = call->request();
  const route::RouteBook::SnapshotPtr now = routes_.book->Snapshot();
  auto then = Changed(*now, request, *routes_.json);
  if (!call->Ready(then.status())) return;
  absl::StatusOr<route::CriticalityRules> rules = route::CriticalityRules();
  const bool other_rules = !request.classification().empty();
  if (other_rules) rules = route::ParseClassification(request.classification(), *routes_.json);
  if (!call->Ready(rules.status())) return;
  OnWorker(call, [this, call, now, then = *std::move(then), rules = *std::move(rules),
                  other_rules] {
    const uint64_t asked = call->request().events();
    const uint64_t events = std::min(asked == 0 ? kSimulatedEvents : asked, kSimulatedEventsMax);
    const uint64_t head = routes_.reader->Head().value;
    // Keeps what it gives alive until the next is asked for.
    const auto present = [this, last = route::ClassificationPtr()](
                             Position position) mutable -> const route::CriticalityRules& {
      last = routes_.book->classifications().At(position);
      return last->rules;
    };
    const route::RouteSetting before{*now, present};
    const route::RouteSetting after{
        then, other_rules
                  ? std::function<const route::CriticalityRules&(Position)>(
                        [&rules](Position) -> const route::CriticalityRules& { return rules; })
                  : present};
    const auto simulation =
        route::Simulate(*routes_.reader, Position(head - std::min(head, events)), before, after);
    if (simulation.ok()) FillSimulation(*simulation, call->response());
    call->Finish(simulation.status());
  });
}

void RouteService::ListDeadLetters(
    Call<admin::v1::ListDeadLettersRequest, admin::v1::ListDeadLettersResponse> call) {
  OnWorker(call, [this, call] {
    auto letters = routes_.letters->List();
    if (!call->Ready(letters.status())) return;
    call->Finish(FillPage(*std::move(letters), call->request(), call->response()));
  });
}

void RouteService::GetDeadLetter(
    Call<admin::v1::GetDeadLetterRequest, admin::v1::DeadLetter> call) {
  OnWorker(call, [this, call] {
    const auto letter = routes_.letters->Find(call->request().id());
    if (letter.ok()) FillLetter(*letter, call->response());
    call->Finish(letter.status());
  });
}

void RouteService::RetryDeadLetter(
    Call<admin::v1::RetryDeadLetterRequest, admin::v1::DeadLetter> call) {
  route::LetterAction action{.kind = route::LetterAction::Kind::kRetried,
                             .letter = call->request().id(),
                             .comment = call->request().comment()};
  Deciding(std::move(call), "retry_dead_letter", std::move(action));
}

void RouteService::SkipDeadLetter(
    Call<admin::v1::SkipDeadLetterRequest, admin::v1::DeadLetter> call) {
  route::LetterAction action{.kind = route::LetterAction::Kind::kSkipped,
                             .letter = call->request().id(),
                             .comment = call->request().comment(),
                             .replaced_by = call->request().replaced_by()};
  Deciding(std::move(call), "skip_dead_letter", std::move(action));
}

}  // namespace nexus::rpc
