#include "identity/jwks/key_refresher.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::identity {

KeyRefresher::KeyRefresher(Fetch fetch, JsonReader& json, Executor& executor, const Clock& clock,
                           IdSource& ids, KeyRefresherOptions options)
    : json_(json),
      executor_(executor),
      clock_(clock),
      ids_(ids),
      options_(std::move(options)),
      fetch_(std::move(fetch)),
      failed_delay_(absl::ZeroDuration()),
      next_missed_(absl::ZeroDuration()) {}

absl::Status KeyRefresher::Start() {
  {
    absl::MutexLock lock(&mutex_);
    reading_ = true;
  }
  return Read();
}

void KeyRefresher::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  executor_.CancelTimer(timer_);
}

JwkSetPtr KeyRefresher::Keys() const {
  absl::ReaderMutexLock lock(&mutex_);
  return keys_;
}

bool KeyRefresher::Missed() {
  const absl::Duration now = clock_.Monotonic();
  absl::MutexLock lock(&mutex_);
  if (stopped_) return false;
  if (reading_) return true;
  if (now < next_missed_) return false;
  next_missed_ = now + options_.missed_gap;
  Schedule(absl::ZeroDuration());
  return true;
}

absl::StatusOr<JwkSet> KeyRefresher::FetchKeys() {
  absl::MutexLock lock(&fetch_mutex_);
  NEXUS_ASSIGN_OR_RETURN(const std::string text, fetch_());
  return JwkSet::Parse(text, json_);
}

absl::Status KeyRefresher::Read() {
  absl::StatusOr<JwkSet> fetched = FetchKeys();
  absl::Status status = fetched.status();
  std::string notice;
  absl::Duration next;
  {
    absl::MutexLock lock(&mutex_);
    next = Take(std::move(fetched), notice);
  }
  if (!notice.empty() && options_.on_notice) options_.on_notice(notice);
  absl::MutexLock lock(&mutex_);
  reading_ = false;
  if (!stopped_) Schedule(Jittered(next));
  return status;
}

absl::Duration KeyRefresher::Take(absl::StatusOr<JwkSet> fetched, std::string& notice) {
  if (!fetched.ok()) {
    if (failed_delay_ == absl::ZeroDuration()) {
      notice = absl::StrCat("the keys of ", options_.name, " cannot be read",
                            keys_ == nullptr ? "" : "; those from before are kept", ": ",
                            fetched.status().message());
    }
    failed_delay_ = failed_delay_ == absl::ZeroDuration()
                        ? options_.retry_first
                        : std::min(2 * failed_delay_, options_.retry_max);
    return failed_delay_;
  }
  if (failed_delay_ > absl::ZeroDuration()) {
    notice = absl::StrCat("the keys of ", options_.name, " can be read again");
    failed_delay_ = absl::ZeroDuration();
  }
  // The same keys stay the same object: tokens that were verified with them need not be again.
  if (keys_ == nullptr || keys_->digest() != fetched->digest()) {
    notice = absl::StrCat("keys of ", options_.name, ": ", fetched->size());
    for (const std::string& note : fetched->notes()) absl::StrAppend(&notice, "; ", note);
    keys_ = std::make_shared<const JwkSet>(*std::move(fetched));
  }
  return options_.interval;
}

void KeyRefresher::Schedule(absl::Duration delay) {
  executor_.CancelTimer(timer_);
  timer_ = executor_.RunAfter(delay, [this] {
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_ || std::exchange(reading_, true)) return;
    }
    (void)Read();  // says by itself what went wrong
  });
}

// Nine tenths to all of it: many servers do not ask at one moment.
absl::Duration KeyRefresher::Jittered(absl::Duration delay) {
  constexpr uint64_t kSteps = 1'000;
  return delay * (0.9 + 0.1 * static_cast<double>(ids_.Random() % kSteps) / kSteps);
}

}  // namespace nexus::identity
