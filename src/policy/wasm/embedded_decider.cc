#include "policy/wasm/embedded_decider.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "concurrency/thread_name.h"
#include "nexus/core/status_macros.h"
#include "policy/failure.h"
#include "policy/wasm/decider_worker.h"

namespace nexus::policy {
namespace {

constexpr size_t kTakenAtOnceMax = 32;

// It becomes a part of the entrypoint's name, so it is a plain word.
bool IsOperation(absl::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return absl::ascii_islower(c) || c == '_';
  });
}

// Empty: the answer must not be cached.
std::string CacheKey(const WasmProgram& program, PolicyQuestion& question) {
  std::string key;
  key.reserve(question.operation.size() + question.input_json.size() + 1);
  key.append(question.operation);
  key.push_back('\n');
  const InputProjection* const reads = program.Reads(question.operation);
  if (reads == nullptr) {
    key.append(question.input_json);
  } else if (!reads->Append(question.input_json, key)) {
    key.clear();
  }
  return key;
}

}  // namespace

// The thread's side of the decider.
class EmbeddedDecider::Worker {
 public:
  explicit Worker(EmbeddedDecider& decider) : decider_(decider) {}

  absl::Status Start() {
    NEXUS_ASSIGN_OR_RETURN(worker_, DeciderWorker::Create(decider_.engine_));
    return worker_->Use(decider_.active().program);
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
    const absl::Duration now = decider_.clock_.Monotonic();
    if (waiting.deadline <= now) return Fail(waiting, Undecided(kTimeout, "no answer in time"));
    const Active active = decider_.active();
    // An equal question that waited ahead of this one has been answered by now.
    if (!waiting.cache_key.empty()) {
      if (std::optional<PolicyAnswer> known = active.cache->Find(waiting.cache_key)) {
        decider_.metrics_.cached.Add(1);
        return waiting.done(*std::move(known));
      }
    }
    if (absl::Status used = worker_->Use(active.program); !used.ok()) return Fail(waiting, used);
    const absl::Duration time_max =
        std::min(decider_.options_.limits.evaluation_max, waiting.deadline - now);
    absl::StatusOr<PolicyAnswer> answer = worker_->Decide(waiting.question, time_max);
    if (!answer.ok()) return Fail(waiting, answer.status());
    decider_.metrics_.evaluated.Add(1);
    decider_.metrics_.evaluation_seconds.Observe(
        absl::ToDoubleSeconds(decider_.clock_.Monotonic() - now));
    if (!waiting.cache_key.empty()) active.cache->Keep(std::move(waiting.cache_key), *answer);
    waiting.done(std::move(answer));
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
    WasmBundle bundle, const EmbeddedDeciderOptions& options, script::ScriptEngine& engine,
    const Clock& clock, MetricsRegistry& metrics) {
  std::unique_ptr<EmbeddedDecider> decider(new EmbeddedDecider(options, engine, clock, metrics));
  NEXUS_RETURN_IF_ERROR(decider->Load(std::move(bundle)));
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

absl::Status EmbeddedDecider::Load(WasmBundle bundle) {
  NEXUS_ASSIGN_OR_RETURN(const std::unique_ptr<script::ScriptContext> context,
                         engine_.NewContext({}));
  NEXUS_ASSIGN_OR_RETURN(std::shared_ptr<const WasmProgram> program,
                         WasmProgram::Load(*context, std::move(bundle), options_.limits));
  absl::MutexLock lock(&mutex_);
  active_.program = std::move(program);
  active_.cache = std::make_shared<DecisionCache>(options_.cache_bytes_max);
  return absl::OkStatus();
}

absl::Status EmbeddedDecider::Replace(WasmBundle bundle) {
  const absl::Status loaded = Load(std::move(bundle));
  (loaded.ok() ? metrics_.reloaded : metrics_.refused).Add(1);
  return loaded;
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

EmbeddedDecider::Active EmbeddedDecider::active() const {
  absl::MutexLock lock(&mutex_);
  return active_;
}

void EmbeddedDecider::Decide(PolicyQuestion question, absl::Duration timeout, Done done) {
  if (!IsOperation(question.operation)) {
    return done(Undecided(kMalformedQuestion, "the operation is not a plain word"));
  }
  const Active active = this->active();
  std::string key;
  if (active.cache->enabled()) {
    key = CacheKey(*active.program, question);
    if (std::optional<PolicyAnswer> known = active.cache->Find(key)) {
      metrics_.cached.Add(1);
      return done(*std::move(known));
    }
  }
  Waiting waiting{std::move(question), std::move(key), clock_.Monotonic() + timeout,
                  std::move(done)};
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

PolicyState EmbeddedDecider::State() {
  PolicyState state;
  state.ready = true;
  state.revision = active().program->revision();
  state.engine = options_.engine;
  return state;
}

}  // namespace nexus::policy
