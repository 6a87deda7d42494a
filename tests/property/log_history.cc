#include "property/log_history.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"

namespace nexus::property {
namespace {

class Checker {
 public:
  Checker(const std::vector<Call>& calls, Position head) : calls_(calls), head_(head) {}

  std::vector<std::string> Run() {
    for (const Call& call : calls_) {
      if (call.verdict.ok() && !call.verdict->repeated) accepted_.push_back(&call);
    }
    std::sort(accepted_.begin(), accepted_.end(),
              [](const Call* a, const Call* b) { return a->verdict->first < b->verdict->first; });
    CheckPositions();
    CheckRealTime();
    for (const Call* call : accepted_) Replay(*call);
    for (const Call& call : calls_) CheckRefusal(call);
    return std::move(found_);
  }

 private:
  void Found(const Call& call, const std::string& what) {
    found_.push_back(absl::StrCat("commit ", call.commit.id.ToString(), ": ", what));
  }

  void CheckPositions() {
    Position next(1);
    Timestamp last;
    for (const Call* call : accepted_) {
      const CommitReceipt& receipt = *call->verdict;
      if (receipt.first != next) Found(*call, absl::StrCat("starts at ", receipt.first.value));
      if (receipt.last != Position(receipt.first.value + call->commit.events.size() - 1)) {
        Found(*call, "takes another number of positions than it has events");
      }
      if (receipt.recorded < last) Found(*call, "time ran backwards");
      last = receipt.recorded;
      next = receipt.last.Next();
    }
    if (next != head_.Next()) {
      found_.push_back(absl::StrCat("answers end before ", next.value, ", head ", head_.value));
    }
  }

  // In the order of positions, nobody was answered before an earlier one was proposed.
  void CheckRealTime() {
    uint64_t latest_invoked = 0;
    for (const Call* call : accepted_) {
      if (call->returned < latest_invoked) Found(*call, "answered before an earlier one began");
      latest_invoked = std::max(latest_invoked, call->invoked);
    }
  }

  void Replay(const Call& call) {
    for (size_t i = 0; i < call.commit.streams.size(); ++i) {
      const StreamOutcome& outcome = call.verdict->streams[i];
      std::vector<const Call*>& writers = writers_[outcome.stream.str()];
      if (!call.commit.streams[i].expected.Holds(Last(writers))) {
        Found(call, absl::StrCat("accepted although ", outcome.stream.str(), " had moved"));
      }
      if (outcome.events > 0 && outcome.first != Revision(writers.size())) {
        Found(call,
              absl::StrCat("has revision ", outcome.first.value, " instead of ", writers.size()));
      }
      writers.insert(writers.end(), outcome.events, &call);
    }
  }

  static std::optional<Revision> Last(const std::vector<const Call*>& writers) {
    if (writers.empty()) return std::nullopt;
    return Revision(writers.size() - 1);
  }

  void CheckRefusal(const Call& call) {
    if (call.verdict.ok()) return;
    const ErrorDetails details = DetailsOf(call.verdict.status());
    if (details.reason != ErrorReason::kRevisionConflict) {
      return Found(call, call.verdict.status().ToString());
    }
    if (details.failed_expectations.empty()) Found(call, "refused without a failed expectation");
    for (const FailedExpectation& failed : details.failed_expectations) {
      if (failed.expected.Holds(failed.actual)) Found(call, "refused though it holds");
      const std::vector<const Call*>& writers = writers_[failed.stream];
      // The stream stood at `actual` from that event on until the next one.
      const size_t next = failed.actual.has_value() ? failed.actual->value + 1 : 0;
      if (next > writers.size()) {
        Found(call, "refused for a revision that was never written");
      } else if (next > 0 && writers[next - 1]->invoked > call.returned) {
        Found(call, "refused for a revision of the future");
      } else if (next < writers.size() && writers[next]->returned < call.invoked) {
        Found(call, "refused for a revision of the past");
      }
    }
  }

  const std::vector<Call>& calls_;
  const Position head_;
  std::vector<const Call*> accepted_;                        // by position
  std::map<std::string, std::vector<const Call*>> writers_;  // of each revision
  std::vector<std::string> found_;
};

}  // namespace

std::vector<std::string> FindContradictions(const std::vector<Call>& calls, Position head) {
  return Checker(calls, head).Run();
}

}  // namespace nexus::property
