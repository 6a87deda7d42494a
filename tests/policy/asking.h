#pragma once

// Questions asked and waited for.

#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/notification.h"
#include "nexus/port/policy_decider.h"

namespace nexus::policy {

// A question under way. Its answer may come after the test has lost interest.
class Pending {
 public:
  Pending(PolicyDecider& decider, const std::string& operation, const std::string& input,
          absl::Duration timeout) {
    decider.Decide({operation, input}, timeout, [box = box_](absl::StatusOr<PolicyAnswer> answer) {
      box->answer = std::move(answer);
      box->there.Notify();  // twice would end the process: exactly once it must be
    });
  }

  bool answered() const { return box_->there.HasBeenNotified(); }
  const absl::StatusOr<PolicyAnswer>& Get() const {
    if (!box_->there.WaitForNotificationWithTimeout(absl::Seconds(30))) {
      box_->answer = absl::DeadlineExceededError("the test waited in vain");
    }
    return box_->answer;
  }

 private:
  struct Box {
    absl::Notification there;
    absl::StatusOr<PolicyAnswer> answer;
  };
  // Shared with the callback, which may outlive the test's interest.
  std::shared_ptr<Box> box_ = std::make_shared<Box>();
};

inline absl::StatusOr<PolicyAnswer> Ask(PolicyDecider& decider, const std::string& input,
                                        absl::Duration timeout = absl::Seconds(20)) {
  return Pending(decider, "append", input, timeout).Get();
}

// The word under "policy_failure"; "" for another error, or none.
inline std::string FailureOf(const absl::Status& status) {
  if (ReasonOf(status) != ErrorReason::kPolicyUnavailable) return "";
  for (const auto& [key, value] : DetailsOf(status).metadata) {
    if (key == "policy_failure") return value;
  }
  return "";
}

}  // namespace nexus::policy
