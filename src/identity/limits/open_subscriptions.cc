#include "identity/limits/open_subscriptions.h"

#include "absl/strings/str_cat.h"
#include "identity/limits/refusals.h"
#include "nexus/core/errors.h"

namespace nexus::identity {
namespace {

constexpr char kName[] = "open_subscriptions";
constexpr absl::Duration kRetryAfter = absl::Seconds(1);

absl::Status Refusal(uint64_t open_max) {
  ErrorDetails details;
  details.reason = ErrorReason::kRateLimited;
  details.metadata = {{"limit", kName}, {"max", absl::StrCat(open_max)}};
  // When one closes is for the client to know.
  details.retry_after = kRetryAfter;
  return MakeError(
      absl::StrCat("this principal has ", open_max, " subscriptions open, which is its limit"),
      details);
}

}  // namespace

OpenSubscriptions::OpenSubscriptions(const LimitPlans& plans, MetricsRegistry& metrics)
    : plans_(plans), refused_(RefusalCounter(metrics, kName)) {}

absl::StatusOr<OpenSubscriptions::Lease> OpenSubscriptions::Open(const LimitedClient& client) {
  std::optional<LimitPlans::Plan> room;
  const uint64_t open_max = plans_.Of(client, room).limits.subscriptions_open_max;
  if (open_max == 0) return Lease();
  {
    absl::MutexLock lock(&mutex_);
    uint64_t& open = open_[client.name];
    if (open < open_max) {
      ++open;
      return Lease(this, std::string(client.name));
    }
  }
  refused_.Add(1);
  return Refusal(open_max);
}

void OpenSubscriptions::Close(const std::string& client) {
  absl::MutexLock lock(&mutex_);
  const auto found = open_.find(client);
  if (found != open_.end() && --found->second == 0) open_.erase(found);
}

size_t OpenSubscriptions::clients() const {
  absl::MutexLock lock(&mutex_);
  return open_.size();
}

}  // namespace nexus::identity
