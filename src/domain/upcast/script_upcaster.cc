#include "domain/upcast/script_upcaster.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "concurrency/thread_name.h"
#include "nexus/core/errors.h"

namespace nexus::domain {

// What a thread works with, from its first page on: who declares no upcasters pays for no engine.
struct ScriptUpcaster::Workshop {
  std::unique_ptr<script::ScriptContext> context;
  std::unique_ptr<ScriptRunner> runner;  // goes before its context
};

ScriptUpcaster::ScriptUpcaster(ScriptUpcasterParts parts, const ScriptUpcasterOptions& options)
    : parts_(std::move(parts)), options_(options), metrics_(parts_.metrics) {
  for (size_t i = 0; i < std::max<size_t>(1, options.threads); ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

ScriptUpcaster::~ScriptUpcaster() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    changed_.SignalAll();
  }
  for (std::thread& thread : threads_) thread.join();
}

std::shared_ptr<const DeclaredSteps> ScriptUpcaster::Steps() {
  std::shared_ptr<const DomainState> now = parts_.domains();
  if (now == nullptr || now->upcasters().empty()) return nullptr;
  absl::MutexLock lock(&steps_mutex_);
  if (now != state_) {
    steps_ = StepsOf(*now);
    state_ = std::move(now);
  }
  return steps_;
}

absl::Status ScriptUpcaster::With(absl::FunctionRef<void(UpcastRunner&)> work) {
  Page page(work);
  {
    absl::MutexLock lock(&mutex_);
    if (pages_.size() >= options_.pages_max) {
      return MakeError(ErrorReason::kOverloaded,
                       absl::StrCat("more than ", options_.pages_max,
                                    " pages of events are waiting for upcasters"));
    }
    pages_.push_back(&page);
    changed_.Signal();
  }
  page.done.WaitForNotification();
  return page.outcome;
}

void ScriptUpcaster::Run() {
  concurrency::NameThisThread("nexus-upcast");
  Workshop workshop;
  for (;;) {
    Page* page = nullptr;
    {
      absl::MutexLock lock(&mutex_);
      while (pages_.empty() && !stopping_) changed_.Wait(&mutex_);
      if (pages_.empty()) return;
      page = pages_.front();
      pages_.pop_front();
    }
    Do(*page, workshop);
    page->done.Notify();
  }
}

void ScriptUpcaster::Do(Page& page, Workshop& workshop) {
  if (workshop.runner == nullptr) {
    auto context = parts_.scripts.NewContext(options_.context);
    if (!context.ok()) {
      page.outcome = context.status();
      return;
    }
    workshop.context = *std::move(context);
    workshop.runner = std::make_unique<ScriptRunner>(*workshop.context, options_.call, &metrics_);
  }
  page.work(*workshop.runner);
}

}  // namespace nexus::domain
