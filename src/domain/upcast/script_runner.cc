#include "domain/upcast/script_runner.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/system_clock.h"

namespace nexus::domain {
namespace {

constexpr absl::Duration kUpcastTimeOfAnEvent = absl::Milliseconds(1);
// Modules that are kept. Each takes some 100 KiB.
constexpr size_t kCodesMax = 64;
constexpr std::array kPageBuckets = {.0001, .0005, .001, .005, .01, .05, .1, .5, 1.0, 5.0};

}  // namespace

UpcastMetrics::UpcastMetrics(MetricsRegistry& registry)
    : runs(registry.GetCounter("nexus_upcasts_total", "Events that upcasters were run on.", {})),
      failures(registry.GetCounter("nexus_upcast_failures_total",
                                   "Runs of upcasters that gave no data.", {})),
      pages(registry.GetHistogram("nexus_upcast_page_seconds",
                                  "Processor time that the upcasters of one page of events took.",
                                  {}, kPageBuckets)) {}

ScriptStep::ScriptStep(UpcasterRecord what) : record(std::move(what)) {
  type = record.declaration.type;
  from = record.declaration.from;
  to_type = record.declaration.to_type;
  to = record.declaration.to;
}

std::unique_ptr<DeclaredSteps> StepsOf(const DomainState& state) {
  auto steps = std::make_unique<DeclaredSteps>();
  for (const UpcasterRecord& record : state.upcasters()) {
    steps->Add(std::make_unique<ScriptStep>(record));
  }
  return steps;
}

ScriptRunner::ScriptRunner(script::ScriptContext& context, const script::CallLimits& limits,
                           const UpcastMetrics* metrics)
    : context_(context), limits_(limits), metrics_(metrics) {
  Begin(1);
}

ScriptRunner::~ScriptRunner() { TellPage(); }

void ScriptRunner::Begin(size_t events) {
  TellPage();
  allowed_ = 2 * limits_.time_max + kUpcastTimeOfAnEvent * static_cast<int64_t>(events);
  used_ = absl::ZeroDuration();
}

void ScriptRunner::TellPage() {
  if (metrics_ == nullptr || used_ == absl::ZeroDuration()) return;
  metrics_->pages.Observe(absl::ToDoubleSeconds(used_));
  used_ = absl::ZeroDuration();
}

absl::StatusOr<UpcasterCode*> ScriptRunner::CodeOf(const UpcasterRecord& record) {
  for (auto at = codes_.begin(); at != codes_.end(); ++at) {
    if (!(*at)->IsOf(record)) continue;
    codes_.splice(codes_.begin(), codes_, at);
    return codes_.front().get();
  }
  NEXUS_ASSIGN_OR_RETURN(std::unique_ptr<UpcasterCode> code,
                         UpcasterCode::Load(context_, record, limits_));
  codes_.push_front(std::move(code));
  if (codes_.size() > kCodesMax) codes_.pop_back();
  return codes_.front().get();
}

absl::StatusOr<std::string> ScriptRunner::Run(const DeclaredStep& step,
                                              const RecordedEvent& event) {
  const UpcasterRecord& record = static_cast<const ScriptStep&>(step).record;
  if (used_ >= allowed_) {
    return MakeError(ErrorReason::kDomainCodeFailed,
                     absl::StrCat("the upcasters of this page have taken ",
                                  absl::FormatDuration(used_), ", which is all that they may"));
  }
  const absl::Duration begun = ThreadProcessorTime();
  absl::StatusOr<std::string> data;
  absl::StatusOr<UpcasterCode*> code = CodeOf(record);
  if (code.ok()) {
    data = (*code)->Run(record.declaration, UpcastView(event, step.from));
    if ((*code)->broken()) codes_.pop_front();
  } else {
    data = code.status();
  }
  used_ += ThreadProcessorTime() - begun;
  if (metrics_ != nullptr) {
    metrics_->runs.Add(1);
    if (!data.ok()) metrics_->failures.Add(1);
  }
  return data;
}

}  // namespace nexus::domain
