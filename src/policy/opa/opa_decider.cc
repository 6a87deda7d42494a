#include "policy/opa/opa_decider.h"

#include <poll.h>

#include <algorithm>
#include <ctime>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/failure.h"
#include "policy/operations.h"

namespace nexus::policy {

absl::StatusOr<std::unique_ptr<OpaDecider>> OpaDecider::Create(const OpaDeciderOptions& options,
                                                               const Clock& clock) {
  NEXUS_ASSIGN_OR_RETURN(Endpoint endpoint, Endpoint::Parse(options.address, options.ca_file));
  std::unique_ptr<OpaDecider> decider(new OpaDecider(options, std::move(endpoint), clock));
  return decider;
}

OpaDecider::OpaDecider(const OpaDeciderOptions& options, Endpoint endpoint, const Clock& clock)
    : options_(options), endpoint_(std::move(endpoint)), clock_(clock), state_(options.limits) {
  lanes_.reserve(options_.connections);
  for (size_t i = 0; i < std::max<size_t>(1, options_.connections); ++i) {
    lanes_.emplace_back(endpoint_, options_.lane, state_);
  }
  thread_ = std::thread([this] { Run(); });
}

OpaDecider::~OpaDecider() {
  for (Waiting& waiting : state_.Stop()) {
    waiting.done(Undecided(kStopped, "the server is stopping"));
  }
  wake_.Signal();
  thread_.join();
}

void OpaDecider::Decide(PolicyQuestion question, absl::Duration timeout, Done done) {
  if (!IsOperation(question.operation)) {
    return done(Undecided(kMalformedQuestion, "the operation is not a plain word"));
  }
  Waiting waiting{std::move(question), clock_.Monotonic() + timeout, std::move(done)};
  if (absl::Status refused = state_.Accept(waiting); !refused.ok()) {
    return waiting.done(std::move(refused));
  }
  wake_.Signal();
}

// Whether there is an entrypoint cannot be asked: undefined may as well be an answer to one input.
bool OpaDecider::Decides(absl::string_view operation) {
  return !IsOptional(operation) || options_.operations.contains(operation);
}

PolicyState OpaDecider::State() {
  PolicyState state;
  state.ready = state_.ready();
  state.revision = state_.revision();
  state.engine =
      options_.engine.empty() ? absl::StrCat("opa at ", options_.address) : options_.engine;
  if (!state.ready) state.reason = state_.reason();
  return state;
}

void OpaDecider::Run() {
  while (!state_.stopped()) {
    const absl::Duration now = clock_.Monotonic();
    for (EngineLane& lane : lanes_) lane.Expire(now);
    for (Waiting& waiting : state_.TakeExpired(now)) {
      waiting.done(Undecided(kTimeout, "no answer in time"));
    }
    StartWork(now);
    Wait();
  }
  for (EngineLane& lane : lanes_) lane.Stop();
}

void OpaDecider::StartWork(absl::Duration now) {
  for (EngineLane& lane : lanes_) {
    // A lane whose work ends at once (nobody listens) is free again: it waits for the next round.
    if (!lane.free()) continue;
    if (state_.TakeProbe(now)) {
      lane.Probe(now);
      continue;
    }
    std::vector<Waiting> questions = state_.TakeBatch();
    if (questions.empty()) return;
    lane.Ask(std::move(questions), now);
  }
}

void OpaDecider::Wait() {
  std::vector<pollfd> fds{{wake_.fd(), POLLIN, 0}};
  absl::Duration due = state_.NextDue();
  bool all_busy = true;
  for (const EngineLane& lane : lanes_) {
    // poll() skips negative descriptors.
    fds.push_back({lane.fd(), lane.PollEvents(), 0});
    due = std::min(due, lane.EarliestDeadline());
    all_busy = all_busy && !lane.free();
  }
  const absl::Duration now = clock_.Monotonic();
  // A probe that is due while no lane is free starts when one is.
  absl::Duration left =
      std::max(due - now, all_busy ? absl::Milliseconds(1) : absl::ZeroDuration());
  if (!all_busy && state_.HasBatch()) left = absl::ZeroDuration();
  const timespec timeout = absl::ToTimespec(std::min(left, absl::Hours(1)));
  ::ppoll(fds.data(), fds.size(), &timeout, nullptr);
  wake_.Clear();
  for (size_t i = 0; i < lanes_.size(); ++i) {
    if (fds[i + 1].revents != 0) lanes_[i].OnReady(clock_.Monotonic());
  }
}

}  // namespace nexus::policy
