#pragma once

// The upcasters of the domains that hold now, for readers: on threads of their own, because a
// script context belongs to one. A page is one task, however many events and steps it has.
//
// Thread-safe. The parts must outlive it; so must it outlive every call.

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "domain/domain_state.h"
#include "domain/upcast/script_runner.h"
#include "nexus/port/metrics.h"
#include "nexus/port/upcaster.h"
#include "script/script_engine.h"

namespace nexus::domain {

struct ScriptUpcasterParts {
  script::ScriptEngine& scripts;
  MetricsRegistry& metrics;
  // What is declared now; null while nothing is known yet. Thread-safe, cheap.
  std::function<std::shared_ptr<const DomainState>()> domains;
};

struct ScriptUpcasterOptions {
  size_t threads = 1;
  size_t pages_max = 256;  // that wait; more are refused with OVERLOADED
  script::CallLimits call = {};
  script::ContextLimits context = {.heap_bytes_max = 128 << 20, .stack_bytes_max = 512 << 10};
};

class ScriptUpcaster : public Upcaster {
 public:
  ScriptUpcaster(ScriptUpcasterParts parts, const ScriptUpcasterOptions& options);
  ~ScriptUpcaster() override;

  std::shared_ptr<const DeclaredSteps> Steps() override ABSL_LOCKS_EXCLUDED(steps_mutex_);
  absl::Status With(absl::FunctionRef<void(UpcastRunner&)> work) override
      ABSL_LOCKS_EXCLUDED(mutex_);

  // For who has a context on a thread of his own.
  const UpcastMetrics& metrics() const { return metrics_; }

 private:
  // Lives on the stack of who waits for it.
  struct Page {
    explicit Page(absl::FunctionRef<void(UpcastRunner&)> with) : work(with) {}
    absl::FunctionRef<void(UpcastRunner&)> work;
    absl::Status outcome;
    absl::Notification done;
  };
  struct Workshop;

  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  void Do(Page& page, Workshop& workshop);

  const ScriptUpcasterParts parts_;
  const ScriptUpcasterOptions options_;
  const UpcastMetrics metrics_;

  absl::Mutex steps_mutex_;
  // What `steps_` was made of.
  std::shared_ptr<const DomainState> state_ ABSL_GUARDED_BY(steps_mutex_);
  std::shared_ptr<const DeclaredSteps> steps_ ABSL_GUARDED_BY(steps_mutex_);

  absl::Mutex mutex_;
  absl::CondVar changed_;
  std::deque<Page*> pages_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::vector<std::thread> threads_;
};

}  // namespace nexus::domain
