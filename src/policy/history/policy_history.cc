#include "policy/history/policy_history.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::policy {

using governance::GovernanceStream;

PolicyHistory::PolicyHistory(PolicyHistoryParts parts)
    : parts_(std::move(parts)),
      stream_(StreamName::Literal(kPoliciesStream), parts_.log, parts_.reader, parts_.executor,
              parts_.clock, parts_.ids,
              [this](const RecordedEvent& event) { return Fold(event); }) {}

absl::Status PolicyHistory::Load() { return stream_.CatchUp(); }

absl::Status PolicyHistory::Fold(const RecordedEvent& event) {
  if (event.type != kPoliciesActivatedType) {
    return MakeError(ErrorReason::kUnsupportedFormat,
                     absl::StrCat(kPoliciesStream, " has an event of the unknown type ", event.type,
                                  " at revision ", event.revision.value));
  }
  NEXUS_ASSIGN_OR_RETURN(auto members, parts_.json.ReadObject(event.data));
  Apply({members["revision"].text, members["engine"].text});
  return absl::OkStatus();
}

void PolicyHistory::Apply(Activation activation) {
  absl::MutexLock lock(&mutex_);
  last_ = std::move(activation);
}

absl::StatusOr<std::optional<GovernanceStream::NewEvent>> PolicyHistory::Plan(
    const Activation& wanted) {
  std::string before;
  {
    absl::MutexLock lock(&mutex_);
    if (last_ == wanted) return std::nullopt;
    before = last_.revision;
  }
  return GovernanceStream::NewEvent{kPoliciesActivatedType,
                                    absl::StrCat("{\"revision\":", JsonString(wanted.revision),
                                                 ",\"engine\":", JsonString(wanted.engine),
                                                 ",\"after\":", JsonString(before), "}")};
}

void PolicyHistory::Record(std::string revision, std::string engine) {
  const Activation wanted{std::move(revision), std::move(engine)};
  GovernanceStream::Change change;
  change.stamp.principal = "nexusd";
  change.stamp.policy_revision = wanted.revision;
  change.plan = [this, wanted] { return Plan(wanted); };
  change.apply = [this, wanted](Timestamp) { Apply(wanted); };
  change.done = [this, wanted](absl::Status written) { Done(wanted, written); };
  {
    absl::MutexLock lock(&mutex_);
    ++under_way_;
  }
  stream_.Submit(std::move(change));
}

void PolicyHistory::Done(const Activation& wanted, const absl::Status& written) {
  if (!written.ok() && parts_.on_notice) {
    parts_.on_notice(absl::StrCat("the policies ", wanted.revision,
                                  " decide and that is not written down: ", written.message()));
  }
  absl::MutexLock lock(&mutex_);
  --under_way_;
}

bool PolicyHistory::AwaitWritten(absl::Duration timeout) {
  absl::MutexLock lock(&mutex_);
  const auto written = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) { return under_way_ == 0; };
  return mutex_.AwaitWithTimeout(absl::Condition(&written), timeout);
}

}  // namespace nexus::policy
