#include "route/router.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "follow/submit_soon.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::route {

struct Router::Wanted {
  std::string signature;  // what runs is replaced when it differs
  RouteDeclaration route;
  bool configured = false;
  bool paused = false;
  uint64_t replay = 0;
  std::optional<Position> until;  // of a replay
};

struct Router::Run {
  std::string signature;
  Gauge* shown = nullptr;  // its state; of a replay none
  RunState state = RunState::kRunning;
  absl::Status error;
  // The delivery refers to the sink, and is stopped before both go.
  std::unique_ptr<Sink> sink;
  std::shared_ptr<SinkDelivery> delivery;
};

namespace {

double ShownAs(RunState state) {
  switch (state) {
    case RunState::kRunning:
      return 1;
    case RunState::kFailed:
      return 2;
    case RunState::kPaused:
      break;
  }
  return 0;
}

}  // namespace

std::string RunOf(const RouteRecord& route) {
  const std::string& name = route.declaration.name;
  return route.generation == 0 ? name : absl::StrCat(name, "@", route.generation);
}

std::shared_ptr<Router> Router::Create(const RouteContext& context, RouteBook& book,
                                       SinkFactory factory, RouterOptions options) {
  std::shared_ptr<Router> router(new Router(context, book, std::move(factory), options));
  book.SetListener([weak = std::weak_ptr<Router>(router)] {
    if (auto self = weak.lock()) self->ScheduleReconcile(absl::ZeroDuration());
  });
  return router;
}

Router::Router(const RouteContext& context, RouteBook& book, SinkFactory factory,
               RouterOptions options)
    : context_(context), book_(book), factory_(std::move(factory)), options_(options) {}

Router::~Router() { Stop(absl::ZeroDuration()).IgnoreError(); }

absl::Status Router::Start() {
  {
    absl::MutexLock lock(&mutex_);
    busy_ = true;
  }
  const absl::Status started = ReconcileOnce();
  bool again = false;
  {
    absl::MutexLock lock(&mutex_);
    busy_ = false;
    again = again_;
    settled_.SignalAll();
  }
  if (again) ScheduleReconcile(absl::ZeroDuration());
  return started;
}

absl::Status Router::Stop(absl::Duration timeout) {
  std::map<std::string, RunPtr> runs;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    while (busy_) settled_.Wait(&mutex_);
    runs.swap(runs_);
  }
  absl::Status first;
  const absl::Duration deadline = context_.clock.Monotonic() + timeout;
  for (const auto& [name, run] : runs) {
    if (run->delivery == nullptr) continue;
    const absl::Duration left = deadline - context_.clock.Monotonic();
    first.Update(run->delivery->Stop(std::max(absl::ZeroDuration(), left)));
  }
  return first;
}

std::map<std::string, RunStatus> Router::Status() const {
  std::map<std::string, RunPtr> runs;
  {
    absl::MutexLock lock(&mutex_);
    runs = runs_;
  }
  std::map<std::string, RunStatus> status;
  for (const auto& [name, run] : runs) {
    RunStatus& one = status[name];
    one.state = run->state;
    one.error = run->error;
    if (run->delivery != nullptr) one.sink = run->delivery->Status();
  }
  return status;
}

void Router::Retry(const Letter& letter) {
  RunPtr run;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = runs_.find(letter.route);
    if (found != runs_.end()) run = found->second;
  }
  // A route that does not run now tries it when it does.
  if (run == nullptr || run->delivery == nullptr) return;
  run->delivery->Retry({letter.stream, letter.revision, letter.position,
                        letter.fate == LetterFate::kParked, letter.retrying, letter.retry_from});
}

absl::Status Router::CheckSink(const RouteDeclaration& route) const {
  return factory_(route, absl::StrCat(route.name, "#check")).status();
}

std::map<std::string, Router::Wanted> Router::WantedRuns() const {
  std::map<std::string, Wanted> wanted;
  const RouteBook::SnapshotPtr now = book_.Snapshot();
  for (const auto& [name, route] : now->routes()) {
    Wanted& one = wanted[RunOf(route)];
    one.route = route.declaration;
    one.configured = route.configured;
    one.paused = route.paused;
    one.signature = absl::StrCat(route.revision, route.paused ? "/paused" : "");
    for (const ReplayRecord& replay : route.replays) {
      if (replay.ended) continue;
      Wanted& again = wanted[absl::StrCat(RunOf(route), "#replay-", replay.id)];
      again = one;
      again.replay = replay.id;
      again.until = replay.to;
      again.configured = false;
      again.route.start = {StartAt::From::kPosition, replay.from, {}};
      // It goes by what was delivered before: nothing waits for it.
      again.route.dead_letters = DeadLetterPolicy::kSkipAhead;
    }
  }
  return wanted;
}

void Router::ScheduleReconcile(absl::Duration delay) {
  const auto task = [weak = weak_from_this()] {
    if (auto self = weak.lock()) self->Reconcile();
  };
  if (delay > absl::ZeroDuration()) {
    context_.executor.RunAfter(delay, task);
  } else {
    follow::SubmitSoon(context_.executor, task);
  }
}

// One at a time: stopping a delivery takes as long as its flush.
void Router::Reconcile() {
  {
    absl::MutexLock lock(&mutex_);
    again_ = true;
    if (busy_ || stopping_) return;
    busy_ = true;
    again_ = false;
  }
  bool again = true;
  while (again) {
    ReconcileOnce().IgnoreError();  // each route shows its own
    absl::MutexLock lock(&mutex_);
    again = std::exchange(again_, false) && !stopping_;
    busy_ = again;
    if (!again) settled_.SignalAll();
  }
}

std::vector<Router::RunPtr> Router::TakeUnwanted(const std::map<std::string, Wanted>& wanted) {
  std::vector<RunPtr> gone;
  absl::MutexLock lock(&mutex_);
  for (auto it = runs_.begin(); it != runs_.end();) {
    const auto found = wanted.find(it->first);
    const bool stays = found != wanted.end() && found->second.signature == it->second->signature &&
                       it->second->state != RunState::kFailed;
    if (!stays) gone.push_back(it->second);
    it = stays ? std::next(it) : runs_.erase(it);
  }
  return gone;
}

absl::Status Router::ReconcileOnce() {
  const std::map<std::string, Wanted> wanted = WantedRuns();
  for (const RunPtr& run : TakeUnwanted(wanted)) {
    if (run->delivery != nullptr) run->delivery->Stop(options_.flush).IgnoreError();
    if (run->shown != nullptr) run->shown->Set(0);
  }
  absl::Status first;
  bool failed = false;
  for (const auto& [name, one] : wanted) {
    {
      absl::MutexLock lock(&mutex_);
      if (stopping_) return first;
      if (runs_.contains(name)) continue;
    }
    RunPtr run = Begin(name, one);
    failed = failed || run->state == RunState::kFailed;
    if (one.configured) first.Update(run->error);
    if (run->shown != nullptr) run->shown->Set(ShownAs(run->state));
    absl::MutexLock lock(&mutex_);
    runs_.emplace(name, std::move(run));
  }
  if (failed) ScheduleReconcile(options_.open_again);
  return first;
}

Router::RunPtr Router::Begin(const std::string& name, const Wanted& wanted) {
  auto run = std::make_shared<Run>();
  run->signature = wanted.signature;
  if (wanted.replay == 0) {
    run->shown = &RouteStateGauge(context_.metrics, wanted.route.name);
  }
  if (wanted.paused) {
    run->state = RunState::kPaused;
    return run;
  }
  absl::StatusOr<std::unique_ptr<Sink>> sink = factory_(wanted.route, name);
  if (sink.ok()) {
    run->sink = *std::move(sink);
    DeliveryPlan plan = PlanFor(wanted.route, name);
    plan.until = wanted.until;
    plan.inherits = name == wanted.route.name;
    plan.options.page = options_.delivery.page;
    plan.options.breaker = options_.delivery.breaker;
    plan.options.checkpoint = options_.delivery.checkpoint;
    std::function<void()> finished;
    if (wanted.until) {
      plan.route += "#replay";  // of metrics: one for all of them
      finished = [weak = weak_from_this(), name, route = wanted.route.name,
                  replay = wanted.replay] {
        if (auto self = weak.lock()) self->EndReplay(name, route, replay);
      };
    }
    run->delivery =
        std::make_shared<SinkDelivery>(context_, *run->sink, std::move(plan), std::move(finished));
  }
  run->error = sink.ok() ? run->delivery->Start() : sink.status();
  if (run->error.ok()) return run;
  run->state = RunState::kFailed;
  run->delivery.reset();
  run->sink.reset();
  return run;
}

void Router::EndReplay(const std::string& name, const std::string& route, uint64_t replay) {
  RunPtr run;
  {
    absl::MutexLock lock(&mutex_);
    const auto found = runs_.find(name);
    if (found == runs_.end() || found->second->delivery == nullptr || stopping_) return;
    run = found->second;
  }
  const SinkStatus status = run->delivery->Status();
  RouteEvent event{.change = RouteChange::kReplayEnded, .name = route};
  event.replay = replay;
  event.outcome =
      absl::StrCat(status.delivered, " delivered, ", status.dead_lettered, " dead-lettered");
  AdmissionStamp stamp;
  stamp.principal = "$router";
  book_.Change(std::move(event), std::move(stamp), [](const absl::StatusOr<RouteRecord>&) {});
}

}  // namespace nexus::route
