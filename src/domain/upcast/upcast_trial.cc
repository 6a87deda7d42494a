#include "domain/upcast/upcast_trial.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "domain/upcast/script_runner.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

constexpr PageLimits kTrialPage{512, 1 << 20};
// Enough for a call and the modules of a domain.
constexpr script::ContextLimits kTrialRoom{.heap_bytes_max = 256 << 20};

// Ends at what the step gives, or at the last successor of that.
schema::SchemaView ViewOf(const UpcasterDeclaration& declaration) {
  schema::SchemaView view;
  view.latest = true;
  view.versions[declaration.to_type] = declaration.to;
  return view;
}

class Trial {
 public:
  Trial(const TrialParts& parts, const UpcasterDeclaration& upcaster, const DeclaredSteps& steps,
        absl::Span<const schema::SchemaRecordPtr> planned, const TrialOptions& options,
        ScriptRunner& runner)
      : parts_(parts),
        upcaster_(upcaster),
        steps_(steps),
        planned_(planned),
        options_(options),
        runner_(runner),
        view_(ViewOf(upcaster)),
        selection_{.filter = {{FilterItem{.types = {upcaster.type}}}}} {}

  // At most `events_max` from one end of `range`, which then holds what was not looked at.
  absl::Status Walk(PositionRange& range, Direction direction, uint64_t events_max,
                    const std::function<bool()>& cancelled) {
    uint64_t looked_at = 0;
    uint64_t tried = 0;
    while (tried < events_max && range.first <= range.last) {
      if (cancelled()) {
        return MakeError(ErrorReason::kDeadlineExceeded,
                         absl::StrCat("the upcaster ", upcaster_.name,
                                      " could not be tried with what is stored in time"));
      }
      NEXUS_ASSIGN_OR_RETURN(index::FilteredPage page,
                             parts_.reader.Page(selection_, range, direction, kTrialPage));
      looked_at += page.batch.events.size();
      const bool end = page.batch.end;
      if (Keep(page.batch, events_max - tried)) {
        // What is left of the page is for the walk from the other end.
        page.scanned_to = page.batch.events.back().position;
      }
      tried += page.batch.events.size();
      Take(page.batch);
      Shorten(range, direction, page.scanned_to);
      if (end || (options_.sample != 0 && looked_at >= options_.looked_at_max)) break;
    }
    return absl::OkStatus();
  }

  TrialOutcome End() && {
    std::sort(outcome_.failures.begin(), outcome_.failures.end(),
              [](const auto& a, const auto& b) { return a.position < b.position; });
    return std::move(outcome_);
  }

 private:
  // Of the events that the step is on the way of, `max` at most, and not none; true: some were left
  // out for that.
  bool Keep(EventBatch& batch, uint64_t max) const {
    std::erase_if(batch.events, [&](const RecordedEvent& event) {
      return event.schema_version == 0 || event.schema_version > upcaster_.from;
    });
    if (batch.events.size() <= max) return false;
    batch.events.resize(max);
    return true;
  }

  static void Shorten(PositionRange& range, Direction direction, Position scanned_to) {
    if (direction == Direction::kForward) {
      range.first = scanned_to.Next();
    } else {
      range.last = Position(scanned_to.value == 0 ? 0 : scanned_to.value - 1);
    }
  }

  void Take(EventBatch& batch) {
    if (batch.events.empty()) return;
    // The failures are on the events themselves.
    parts_.evolution.Try(view_, steps_, planned_, batch, runner_).IgnoreError();
    for (const RecordedEvent& event : batch.events) {
      ++outcome_.events;
      if (event.gap_version == 0) continue;
      ++outcome_.failed;
      if (outcome_.failures.size() >= options_.failures_max) continue;
      outcome_.failures.push_back({std::string(event.stream), event.revision, event.position,
                                   event.schema_version, std::string(event.gap_reason)});
    }
  }

  const TrialParts& parts_;
  const UpcasterDeclaration& upcaster_;
  const DeclaredSteps& steps_;
  const absl::Span<const schema::SchemaRecordPtr> planned_;
  const TrialOptions& options_;
  ScriptRunner& runner_;
  const schema::SchemaView view_;
  const index::Selection selection_;
  TrialOutcome outcome_;
};

}  // namespace

absl::StatusOr<TrialOutcome> TryUpcaster(const TrialParts& parts, const UpcasterRecord& record,
                                         const DomainState& state,
                                         absl::Span<const schema::SchemaRecordPtr> planned,
                                         const TrialOptions& options,
                                         const std::function<bool()>& cancelled) {
  NEXUS_ASSIGN_OR_RETURN(const auto context, parts.scripts.NewContext(kTrialRoom));
  ScriptRunner runner(*context, parts.call, nullptr);
  const std::unique_ptr<DeclaredSteps> steps = StepsOf(state);
  Trial trial(parts, record.declaration, *steps, planned, options, runner);
  PositionRange range{Position(1), options.up_to};
  if (options.sample == 0) {
    NEXUS_RETURN_IF_ERROR(trial.Walk(range, Direction::kForward, UINT64_MAX, cancelled));
    return std::move(trial).End();
  }
  const uint64_t oldest = (options.sample + 1) / 2;
  NEXUS_RETURN_IF_ERROR(trial.Walk(range, Direction::kForward, oldest, cancelled));
  NEXUS_RETURN_IF_ERROR(
      trial.Walk(range, Direction::kBackward, options.sample - oldest, cancelled));
  return std::move(trial).End();
}

}  // namespace nexus::domain
