// Decisions a second and their latency, against a real OPA with the policies that ship.
//
//   policy_bench [in_flight=64] [seconds=5] [connections=2] [distinct=1000] [events=1]
//   [policy_folder]
//
// Prints one JSON object. `opa_cores` is the CPU time of the child over the time of the run.

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "policy/opa/opa_decider.h"
#include "policy/opa/opa_supervisor.h"
#include "policy/policy_input.h"

namespace nexus::policy {
namespace {

class SteadyClock : public Clock {
 public:
  Timestamp Now() const override { return {}; }
  absl::Duration Monotonic() const override {
    return absl::FromChrono(std::chrono::steady_clock::now().time_since_epoch());
  }
};

// CPU seconds of another process so far.
double CpuOf(pid_t pid) {
  std::ifstream in(absl::StrCat("/proc/", pid, "/stat"));
  std::string skip;
  for (int i = 0; i < 13; ++i) in >> skip;
  double user = 0;
  double system = 0;
  in >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double OwnCpu() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

std::string Input(size_t stream, size_t events) {
  Commit commit;
  commit.streams.push_back({StreamName::Literal(absl::StrCat("order-", stream)), {}});
  for (size_t i = 0; i < events; ++i) {
    Event event;
    event.type = "OrderPlaced";
    event.content_type = "application/json";
    event.data = std::string(256, 'x');
    event.metadata = {{"owner", "team-orders"}};
    event.routing.criticality = stream % 4 == 0 ? Criticality::kHigh : Criticality::kMedium;
    commit.events.push_back({0, event});
  }
  const std::vector<SchemaFacts> facts(events, SchemaFacts{true, 3, true});
  return AppendInput(commit, {}, facts, {});
}

struct Load {
  size_t in_flight;
  double seconds;
  size_t events;
  size_t distinct;
};

class Run {
 public:
  Run(PolicyDecider& decider, const Clock& clock, const Load& load)
      : decider_(decider), clock_(clock), load_(load) {}

  void Go() {
    end_ = clock_.Monotonic() + absl::Seconds(load_.seconds);
    for (size_t i = 0; i < load_.in_flight; ++i) Ask();
    absl::MutexLock lock(&mutex_);
    const auto idle = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return open_ == 0; };
    mutex_.Await(absl::Condition(&idle));
  }
  size_t errors() {
    absl::MutexLock lock(&mutex_);
    return errors_;
  }
  std::vector<double> SortedMicros() {
    absl::MutexLock lock(&mutex_);
    std::sort(micros_.begin(), micros_.end());
    return micros_;
  }

 private:
  // The answer to one question asks the next: a closed loop without threads of its own.
  void Ask() {
    size_t stream = 0;
    {
      absl::MutexLock lock(&mutex_);
      ++open_;
      stream = next_++ % load_.distinct;
    }
    const absl::Duration start = clock_.Monotonic();
    decider_.Decide({"append", Input(stream, load_.events)}, absl::Seconds(2),
                    [this, start](absl::StatusOr<PolicyAnswer> answer) {
                      const absl::Duration now = clock_.Monotonic();
                      if (now < end_) Ask();
                      absl::MutexLock lock(&mutex_);
                      if (!answer.ok() || !answer->allow) ++errors_;
                      micros_.push_back(absl::ToDoubleMicroseconds(now - start));
                      --open_;
                    });
  }

  PolicyDecider& decider_;
  const Clock& clock_;
  const Load load_;
  absl::Duration end_;
  absl::Mutex mutex_;
  size_t open_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t next_ ABSL_GUARDED_BY(mutex_) = 0;
  size_t errors_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<double> micros_ ABSL_GUARDED_BY(mutex_);
};

int Main(const std::vector<std::string>& args) {
  const auto number = [&](size_t i, double otherwise) {
    return args.size() > i ? std::atof(args[i].c_str()) : otherwise;
  };
  const Load load{static_cast<size_t>(number(1, 64)), number(2, 5),
                  static_cast<size_t>(number(5, 1)), static_cast<size_t>(number(4, 1000))};
  SteadyClock clock;
  OpaSupervisorOptions supervised;
  supervised.work_folder = absl::StrCat("/tmp/policy_bench.", ::getpid());
  if (args.size() > 6) supervised.policy_folder = args[6];
  if (const char* gogc = std::getenv("BENCH_GOGC")) supervised.collect_percent = std::atoi(gogc);
  if (const char* procs = std::getenv("BENCH_PROCS")) supervised.threads_max = std::atoi(procs);
  auto supervisor = OpaSupervisor::Start(supervised, clock);
  if (!supervisor.ok()) {
    std::fprintf(stderr, "%s\n", std::string(supervisor.status().message()).c_str());
    return 1;
  }
  OpaDeciderOptions options;
  options.address = (*supervisor)->address();
  options.connections = static_cast<size_t>(number(3, 2));
  if (const char* items = std::getenv("BENCH_ITEMS")) {
    options.limits.batch.items_max = static_cast<size_t>(std::atoi(items));
  }
  auto decider = OpaDecider::Create(options, clock);
  Run(**decider, clock, {load.in_flight, 0.5, load.events, load.distinct}).Go();  // warm up
  const double opa_before = CpuOf((*supervisor)->child());
  const double own_before = OwnCpu();
  const absl::Duration start = clock.Monotonic();
  Run run(**decider, clock, load);
  run.Go();
  const double elapsed = absl::ToDoubleSeconds(clock.Monotonic() - start);
  const std::vector<double> micros = run.SortedMicros();
  std::printf(
      "{\"decisions_per_second\": %.0f, \"p50_us\": %.0f, \"p99_us\": %.0f, \"errors\": %zu, "
      "\"opa_cores\": %.2f, \"own_cores\": %.2f}\n",
      static_cast<double>(micros.size()) / elapsed, micros[micros.size() / 2],
      micros[micros.size() * 99 / 100], run.errors(),
      (CpuOf((*supervisor)->child()) - opa_before) / elapsed, (OwnCpu() - own_before) / elapsed);
  decider->reset();
  supervisor->reset();
  std::filesystem::remove_all(supervised.work_folder);
  return 0;
}

}  // namespace
}  // namespace nexus::policy

int main(int argc, char** argv) {
  return nexus::policy::Main(std::vector<std::string>(argv, argv + argc));
}
