#include "policy/wasm/embedded_decider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "concurrency/thread_name.h"
#include "nexus/core/status_macros.h"
#include "policy/failure.h"
#include "policy/operations.h"
#include "policy/wasm/decider_worker.h"
#include "policy/wasm/decision_keys.h"

namespace nexus::policy {
namespace {

constexpr size_t kTakenAtOnceMax = 32;

}  // namespace

// From the first key on: an answer that formatted a message is kept under the second alone.
std::optional<PolicyAnswer> EmbeddedDecider::Waiting::Known() const {
  if (!unformatted_key.empty()) {
    std::optional<PolicyAnswer> known = policies->cache.Find(unformatted_key);
    if (known.has_value()) return known;
  }
  if (key.empty()) return std::nullopt;
  return policies->cache.Find(key);
}

// The thread's side of the decider.
class EmbeddedDecider::Worker {
 public:
  explicit Worker(EmbeddedDecider& decider) : decider_(decider) {}

  absl::Status Start() {
    NEXUS_ASSIGN_OR_RETURN(
        worker_, DeciderWorker::Create(decider_.engine_, decider_.options_.instances_max));
    const std::shared_ptr<EmbeddedPolicies> active = decider_.active();
    return active == nullptr ? absl::OkStatus() : worker_->Use(active->program);
  }

  void Run() {
    while (true) {
      std::vector<Waiting> taken = decider_.Take();
      if (taken.empty()) return;
      for (Waiting& waiting : taken) {
        Answer(waiting);
        ExpireOthers();
      }
    }
  }

 private:
  void Answer(Waiting& waiting) {
    if (waiting.operation.empty()) return worker_->Use(waiting.policies->program).IgnoreError();
    const absl::Duration now = decider_.clock_.Monotonic();
    if (waiting.deadline <= now) return Fail(waiting, Undecided(kTimeout, "no answer in time"));
    // An equal question that waited ahead of this one has been answered by now.
    if (std::optional<PolicyAnswer> known = waiting.Known()) {
      decider_.metrics_.cached.Add(1);
      return waiting.done(*std::move(known));
    }
    absl::StatusOr<DeciderWorker::Decision> decision = Evaluate(waiting, now);
    if (!decision.ok()) return Fail(waiting, decision.status());
    decider_.metrics_.evaluated.Add(1);
    decider_.metrics_.evaluation_seconds.Observe(
        absl::ToDoubleSeconds(decider_.clock_.Monotonic() - now));
    const bool by_all = decision->formatted || waiting.unformatted_key.empty();
    waiting.policies->cache.Keep(std::move(by_all ? waiting.key : waiting.unformatted_key),
                                 decision->answer);
    waiting.done(std::move(decision->answer));
  }

  // First without what only messages name, which is less to read: if there is no message, that is
  // the decision.
  absl::StatusOr<DeciderWorker::Decision> Evaluate(const Waiting& waiting, absl::Duration now) {
    const absl::Duration evaluation_max = decider_.options_.limits.evaluation_max;
    if (!waiting.unformatted_key.empty()) {
      const absl::Duration time_max = std::min(evaluation_max, waiting.deadline - now);
      auto decision = EvaluateInput(waiting, waiting.unformatted_key, time_max);
      if (decision.ok() && !decision->formatted) return decision;
      const absl::Duration spent = decider_.clock_.Monotonic() - now;
      // It was stopped, and would be again.
      if (!decision.ok() && spent >= time_max) return decision;
      now += spent;
      if (now >= waiting.deadline) return Undecided(kTimeout, "no answer in time");
    }
    return EvaluateInput(waiting, waiting.key, std::min(evaluation_max, waiting.deadline - now));
  }

  absl::StatusOr<DeciderWorker::Decision> EvaluateInput(const Waiting& waiting,
                                                        const std::string& key,
                                                        absl::Duration time_max) {
    NEXUS_RETURN_IF_ERROR(worker_->Use(waiting.policies->program));
    return worker_->Decide(waiting.operation, DecisionKeys::InputIn(key, waiting.operation),
                           time_max);
  }

  void Fail(Waiting& waiting, absl::Status why) {
    decider_.metrics_.failed.Add(1);
    waiting.done(std::move(why));
  }

  // While this thread was busy for long.
  void ExpireOthers() {
    const absl::Duration now = decider_.clock_.Monotonic();
    if (now < next_look_) return;
    next_look_ = now + absl::Milliseconds(10);
    for (Waiting& late : decider_.TakeExpired(now)) {
      Fail(late, Undecided(kTimeout, "no answer in time"));
    }
  }

  EmbeddedDecider& decider_;
  std::unique_ptr<DeciderWorker> worker_;
  absl::Duration next_look_ = absl::ZeroDuration();
};

absl::StatusOr<std::unique_ptr<EmbeddedDecider>> EmbeddedDecider::Create(
    std::optional<WasmBundle> bundle, const EmbeddedDeciderOptions& options,
    script::ScriptEngine& engine, const Clock& clock, MetricsRegistry& metrics) {
  std::unique_ptr<EmbeddedDecider> decider(new EmbeddedDecider(options, engine, clock, metrics));
  if (bundle.has_value()) NEXUS_RETURN_IF_ERROR(decider->Load(*std::move(bundle)));
  NEXUS_RETURN_IF_ERROR(decider->StartThreads());
  return decider;
}

EmbeddedDecider::EmbeddedDecider(const EmbeddedDeciderOptions& options,
                                 script::ScriptEngine& engine, const Clock& clock,
                                 MetricsRegistry& metrics)
    : options_(options), engine_(engine), clock_(clock), metrics_(metrics) {}

EmbeddedDecider::~EmbeddedDecider() {
  std::deque<Waiting> left;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    left.swap(queue_);
    work_.SignalAll();
  }
  for (Waiting& waiting : left) waiting.done(Undecided(kStopped, "the server is stopping"));
  for (std::thread& thread : threads_) thread.join();
}

absl::StatusOr<std::shared_ptr<EmbeddedPolicies>> EmbeddedDecider::Compile(WasmBundle bundle) {
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<script::ScriptContext> context,
                         engine_.NewContext({}));
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const WasmProgram> program,
                         WasmProgram::Load(*context, std::move(bundle), options_.limits));
  return std::make_shared<EmbeddedPolicies>(std::move(program), options_.cache_bytes_max);
}

absl::Status EmbeddedDecider::Load(WasmBundle bundle) {
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<EmbeddedPolicies> active, Compile(std::move(bundle)));
  const std::string revision = active->program->revision();
  {
    absl::MutexLock lock(&active_mutex_);
    active_ = std::move(active);
  }
  if (options_.on_active) options_.on_active(revision);
  return absl::OkStatus();
}

absl::Status EmbeddedDecider::Replace(WasmBundle bundle) {
  absl::Status loaded = Load(std::move(bundle));
  if (!loaded.ok()) return Refused(std::move(loaded));
  metrics_.reloaded.Add(1);
  return loaded;
}

absl::Status EmbeddedDecider::Refused(absl::Status why) {
  metrics_.refused.Add(1);
  return why;
}

void EmbeddedDecider::SetWarning(std::string warning) {
  absl::MutexLock lock(&active_mutex_);
  warning_ = std::move(warning);
}

absl::Status EmbeddedDecider::StartThreads() {
  const size_t count = std::max<size_t>(1, options_.threads);
  std::vector<absl::Notification> ready(count);
  std::vector<absl::Status> started(count);
  for (size_t i = 0; i < count; ++i) {
    threads_.emplace_back([this, i, &ready = ready[i], &status = started[i]] {
      concurrency::NameThisThread(absl::StrCat("policy-", i));
      Worker worker(*this);
      const absl::Status mine = worker.Start();
      status = mine;
      ready.Notify();
      if (mine.ok()) worker.Run();
    });
  }
  for (absl::Notification& one : ready) one.WaitForNotification();
  for (const absl::Status& status : started) NEXUS_RETURN_IF_ERROR(status);
  return absl::OkStatus();
}

std::shared_ptr<EmbeddedPolicies> EmbeddedDecider::active() const {
  absl::ReaderMutexLock lock(&active_mutex_);
  return active_;
}

void EmbeddedDecider::Decide(PolicyQuestion question, absl::Duration timeout, Done done) {
  std::shared_ptr<EmbeddedPolicies> policies = active();
  if (policies == nullptr) return Fail(done, kNoPolicies, "there are no policies yet");
  DecideBy(std::move(policies), std::move(question), timeout, std::move(done));
}

void EmbeddedDecider::DecideBy(std::shared_ptr<EmbeddedPolicies> policies, PolicyQuestion question,
                               absl::Duration timeout, Done done) {
  if (!IsOperation(question.operation)) {
    return Fail(done, kMalformedQuestion, "the operation is not a plain word");
  }
  const WasmProgram::Operation* const operation = policies->program->Find(question.operation);
  if (operation == nullptr) {
    return Fail(done, kUndefined, absl::StrCat("no policy decides ", question.operation));
  }
  const DecisionKeys keys(question.operation, *operation, question.input_json);
  Waiting waiting;
  std::optional<PolicyAnswer> known;
  if (policies->cache.enabled()) waiting.unformatted_key = keys.Unformatted();
  if (!waiting.unformatted_key.empty()) known = policies->cache.Find(waiting.unformatted_key);
  if (!known.has_value()) {
    waiting.key = keys.All();
    if (waiting.key.empty()) return Fail(done, kEngineError, "its input is not a JSON object");
    known = policies->cache.Find(waiting.key);
  }
  if (known.has_value()) {
    metrics_.cached.Add(1);
    return done(*std::move(known));
  }
  waiting.policies = std::move(policies);
  waiting.operation = std::move(question.operation);
  waiting.deadline = clock_.Monotonic() + timeout;
  waiting.done = std::move(done);
  Queue(std::move(waiting));
}

void EmbeddedDecider::Prepare(std::shared_ptr<EmbeddedPolicies> policies) {
  Waiting waiting;
  waiting.policies = std::move(policies);
  waiting.deadline = absl::InfiniteDuration();
  waiting.done = [](const absl::StatusOr<PolicyAnswer>&) {};
  absl::MutexLock lock(&mutex_);
  // In front of the questions, which may be about it.
  if (stopped_ || queue_.size() >= options_.queue_max) return;
  queue_.push_front(std::move(waiting));
  if (idle_ > 0) work_.Signal();
}

void EmbeddedDecider::Fail(Done& done, absl::string_view cause, absl::string_view why) {
  metrics_.failed.Add(1);
  done(Undecided(cause, why));
}

void EmbeddedDecider::Queue(Waiting waiting) {
  bool stopped = false;
  {
    absl::MutexLock lock(&mutex_);
    stopped = stopped_;
    if (!stopped && queue_.size() < options_.queue_max) {
      queue_.push_back(std::move(waiting));
      if (idle_ > 0) work_.Signal();
      return;
    }
  }
  metrics_.failed.Add(1);
  waiting.done(stopped ? Undecided(kStopped, "the server is stopping")
                       : Undecided(kQueueFull, "too many questions wait"));
}

std::vector<EmbeddedDecider::Waiting> EmbeddedDecider::Take() {
  std::vector<Waiting> taken;
  absl::MutexLock lock(&mutex_);
  ++idle_;
  while (queue_.empty() && !stopped_) work_.Wait(&mutex_);
  --idle_;
  // Some are left for the other threads.
  const size_t share = (queue_.size() + threads_.size()) / (threads_.size() + 1);
  while (!queue_.empty() && taken.size() < std::clamp<size_t>(share, 1, kTakenAtOnceMax)) {
    taken.push_back(std::move(queue_.front()));
    queue_.pop_front();
  }
  return taken;
}

std::vector<EmbeddedDecider::Waiting> EmbeddedDecider::TakeExpired(absl::Duration now) {
  std::vector<Waiting> expired;
  absl::MutexLock lock(&mutex_);
  for (Waiting& waiting : queue_) {
    if (waiting.deadline <= now) expired.push_back(std::move(waiting));
  }
  if (expired.empty()) return expired;
  queue_.erase(std::remove_if(queue_.begin(), queue_.end(),
                              [now](const Waiting& waiting) { return waiting.deadline <= now; }),
               queue_.end());
  return expired;
}

bool EmbeddedDecider::Decides(absl::string_view operation) {
  const std::shared_ptr<EmbeddedPolicies> active = this->active();
  // Before there are policies nobody knows: what is asked is not admitted.
  return active == nullptr || active->program->Find(operation) != nullptr;
}

PolicyState EmbeddedDecider::State() {
  PolicyState state;
  state.engine = options_.engine;
  absl::ReaderMutexLock lock(&active_mutex_);
  state.ready = active_ != nullptr;
  state.reason = warning_;
  if (state.ready) {
    state.revision = active_->program->revision();
  } else if (state.reason.empty()) {
    state.reason = "there are no policies yet";
  }
  return state;
}

}  // namespace nexus::policy
