#pragma once

// Keeps the keys of one issuer fresh: reads them now and then, sooner when a token names one that
// is not there, later and later while reading fails. Keys that were good are kept until better ones
// are here.
//
// Thread-safe. Reading runs on the executor, one at a time. Stop() before the executor stops; both
// before this is destroyed.

#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "identity/jwt/jwk_set.h"
#include "nexus/core/clock.h"
#include "nexus/core/id_source.h"
#include "nexus/port/executor.h"
#include "nexus/port/json_reader.h"

namespace nexus::identity {

struct KeyRefresherOptions {
  std::string name;  // of the issuer: how notices call it
  absl::Duration interval = absl::Minutes(10);
  absl::Duration retry_first = absl::Seconds(1);
  absl::Duration retry_max = absl::Minutes(5);
  // From one reading for a missed key to the next: strangers choose the names of keys.
  absl::Duration missed_gap = absl::Seconds(30);
  // Told when keys come, change, or fail to come for the first time in a row. Must not block.
  absl::AnyInvocable<void(absl::string_view notice)> on_notice = nullptr;
};

class KeyRefresher final : public KeySource {
 public:
  // The text of the key set. May block, for a bounded time.
  using Fetch = absl::AnyInvocable<absl::StatusOr<std::string>()>;

  // The references must outlive this.
  KeyRefresher(Fetch fetch, JsonReader& json, Executor& executor, const Clock& clock, IdSource& ids,
               KeyRefresherOptions options);

  // Reads at once, on this thread, and from then on by itself. What the first reading said; an
  // error is no reason to give up, since it is tried again.
  absl::Status Start();
  void Stop();

  JwkSetPtr Keys() const override;
  bool Missed() override;

 private:
  // `reading_` is set.
  absl::Status Read() ABSL_LOCKS_EXCLUDED(mutex_, fetch_mutex_);
  absl::StatusOr<JwkSet> FetchKeys() ABSL_LOCKS_EXCLUDED(fetch_mutex_);
  // Gives how long to wait for the next one.
  absl::Duration Take(absl::StatusOr<JwkSet> fetched, std::string& notice)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Schedule(absl::Duration delay) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Duration Jittered(absl::Duration delay);

  JsonReader& json_;
  Executor& executor_;
  const Clock& clock_;
  IdSource& ids_;
  KeyRefresherOptions options_;  // on_notice is called by one reading at a time

  absl::Mutex fetch_mutex_;
  Fetch fetch_ ABSL_GUARDED_BY(fetch_mutex_);

  mutable absl::Mutex mutex_;
  JwkSetPtr keys_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  bool reading_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Duration failed_delay_ ABSL_GUARDED_BY(mutex_);  // zero: the last reading was good
  absl::Duration next_missed_ ABSL_GUARDED_BY(mutex_);   // when a missed key may cause a reading
  Executor::TimerId timer_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace nexus::identity
