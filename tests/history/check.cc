#include "history/check.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "history/check_parts.h"

namespace nexus::history {

std::string Judgement::ToString(size_t max) const {
  std::string text;
  for (size_t i = 0; i < std::min(max, findings.size()); ++i) {
    absl::StrAppend(&text, "(", std::string(1, findings[i].rule), ") ", findings[i].text, "\n");
  }
  if (findings.size() > max) absl::StrAppend(&text, findings.size() - max, " more\n");
  return text;
}

void CollectFacts(CheckState& state) {
  for (const LoggedCommit& commit : state.log.commits()) {
    if (commit.call == nullptr) continue;
    if (commit.returned != kNeverReturned) {
      state.time.AddFloor({commit.returned, commit.last, commit.call});
    }
    state.time.AddCeiling({commit.invoked, commit.first - 1, commit.call});
  }
  for (const ReadCall& read : state.history.calls.reads) {
    uint64_t head = read.head.value_or(0);
    for (const SeenEvent& event : read.events) head = std::max(head, event.position);
    state.time.AddFloor({read.returned, head, nullptr, &read});
  }
  for (const Session& session : state.history.calls.sessions) {
    for (const Delivery& delivery : session.deliveries) {
      uint64_t head = delivery.head;
      if (!delivery.events.empty()) head = std::max(head, delivery.events.back().position);
      state.time.AddFloor({delivery.at, head, nullptr, nullptr, &session});
    }
  }
  state.time.Seal();
}

Judgement Check(const History& history) {
  CheckState state(history);
  state.findings = state.log.Check();
  if (state.findings.empty()) {
    ResolveCommits(state);
    CollectFacts(state);
    CheckAccepted(state);
    CheckRefusals(state);
    CheckReads(state);
    CheckSessions(state);
  }
  return {std::move(state.findings), state.steps.count()};
}

}  // namespace nexus::history
