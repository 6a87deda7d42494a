#include <utility>

#include "absl/strings/str_cat.h"
#include "command/command_outcome.h"
#include "command/command_worker.h"
#include "command/event_view.h"

namespace nexus::command {

void CommandWorker::Store(const CommandCallPtr& call, const LiveAggregate& live,
                          Decision decision) {
  CommitParts commit = CommitOf(*call, live.revision, std::move(decision));
  std::vector<std::string> views;
  for (const engine::EventDraft& event : commit.draft.streams.front().events) {
    views.push_back(OpenEventView(event.type, event.data, event.metadata));
  }
  call->storing_since = Now();
  parts_.engine.Append(
      std::move(commit.draft), call->caller,
      [this, call, views = std::move(views),
       types = std::move(commit.types)](absl::StatusOr<CommitReceipt> stored) mutable {
        call->timings.storing = Now() - call->storing_since;
        if (!stored.ok()) {
          Post({Step::Kind::kRefused, call, stored.status()});
          return;
        }
        CommandReceipt receipt = ReceiptOf(*call, *stored, std::move(types));
        Step step{Step::Kind::kStored, call};
        step.count = views.size();
        if (!stored->repeated) step.last = receipt.revision;
        step.point = {receipt.events.back().position, receipt.events.back().id, receipt.recorded};
        for (size_t i = 0; i < views.size(); ++i) {
          const ReceiptEvent& event = receipt.events[i];
          CloseEventView(views[i], event.id, event.revision, event.position, receipt.recorded);
          absl::StrAppend(&step.views, i == 0 ? "" : ",", views[i]);
        }
        Post(std::move(step));
        Answer(*call, std::move(receipt));
      });
}

}  // namespace nexus::command
