#pragma once

// Asks a bundle server for the policies, and puts new ones into use: GET with If-None-Match, as OPA
// asks its own servers (docs/reference/policy-bundle.md, "From a server").
//
// What is in use is kept in a file. When the server cannot be asked at the start, that one decides;
// without one nothing is admitted until the server has answered. Later failures change nothing but
// what is told. Thread-safe.

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "fetch/http_get.h"
#include "nexus/port/metrics.h"
#include "policy/wasm/embedded_decider.h"

namespace nexus::policy {

struct BundlePollOptions {
  std::string url;         // fetch::CheckTrustworthyUrl has passed it
  std::string token_file;  // its bearer token, read before each question; empty: none
  std::string ca_file;     // empty: what the system trusts
  std::string kept_path;
  // From one answer to the next question; zero: only Poll() asks.
  absl::Duration interval = absl::Seconds(30);
  // For so long the server may hold its answer back until there is something new; zero: not asked.
  absl::Duration wait = absl::ZeroDuration();
  absl::Duration timeout = absl::Seconds(10);       // beyond `wait`
  std::function<void(absl::string_view)> on_event;  // one line for the log
};

class BundlePoll {
 public:
  // Asks at once, on this thread, and uses what was kept if that gives nothing. `decider` and
  // `metrics` must outlive it.
  BundlePoll(BundlePollOptions options, EmbeddedDecider& decider, MetricsRegistry& metrics);
  ~BundlePoll();

  // One question. True if another bundle was put into use.
  bool Poll() ABSL_LOCKS_EXCLUDED(poll_mutex_);

 private:
  absl::StatusOr<fetch::HttpAnswer> Ask() ABSL_EXCLUSIVE_LOCKS_REQUIRED(poll_mutex_);
  absl::StatusOr<bool> Take(const fetch::HttpAnswer& answer)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(poll_mutex_);
  absl::Status Use(absl::string_view archive);
  void UseKept();
  void Warn(const absl::Status& why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(poll_mutex_);
  void Say(absl::string_view line);
  void Run() ABSL_LOCKS_EXCLUDED(mutex_);
  bool Stopped() ABSL_LOCKS_EXCLUDED(mutex_);

  const BundlePollOptions options_;
  EmbeddedDecider& decider_;
  Counter& new_;
  Counter& unchanged_;
  Counter& failed_;

  absl::Mutex poll_mutex_;
  std::string etag_ ABSL_GUARDED_BY(poll_mutex_);  // of the bundle that was taken, or refused
  // Why the bundle of that etag is not in use: true until the server has another one.
  absl::Status refused_ ABSL_GUARDED_BY(poll_mutex_);
  std::string said_ ABSL_GUARDED_BY(poll_mutex_);  // why it failed last; empty: it did not

  absl::Mutex mutex_;
  absl::CondVar stop_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;
};

}  // namespace nexus::policy
