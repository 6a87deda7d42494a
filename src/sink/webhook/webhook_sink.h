#pragma once

// WebhookSink: each event is one signed POST to an HTTP server.
//
// One thread has all requests under way, one at a time a stream, so that the order of a stream
// holds. Whatever would not help another event either (no connection, 429, 5xx) is answered
// kUnavailable; the router tries again. A receiver that says when (Retry-After) is left alone until
// then. A request that timed out may have arrived: receivers know an event by its id.
//
// The coordinate is the address without its query; a receiver tells no more. Thread-safe.

#include <curl/curl.h>

#include <map>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/clock.h"
#include "nexus/port/sink.h"
#include "sink/outbound/outbox.h"
#include "sink/webhook/webhook_options.h"
#include "sink/webhook/webhook_request.h"

namespace nexus::sink {

class WebhookSink : public Sink {
 public:
  // CONFIGURATION_INVALID for options that make no sense. Needs no receiver and does not wait for
  // one. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<WebhookSink>> Open(WebhookOptions options,
                                                           const Clock& clock);

  // Answers what is on its way with kUnavailable.
  ~WebhookSink() override;

  absl::string_view Name() const override { return options_.name; }
  size_t PerStreamMax() const override { return 1; }
  void Deliver(OutboundEvent event, Delivered done) override;
  absl::Status Flush(absl::Duration timeout) override;
  // OK until a request fails, and again after the next that does not.
  absl::Status Health() override;

 private:
  WebhookSink(WebhookOptions options, const Clock& clock, CURLM* multi);

  void Work();
  void BeginSome();
  absl::Status ReadSecrets();
  void FinishSome();
  void Finish(WebhookRequest& request, CURLcode code);
  void PauseFor(absl::Duration pause, const absl::Status& why);
  void EndPause();
  int MillisToWait() const;
  bool stopping() ABSL_LOCKS_EXCLUDED(mutex_);
  void SetHealth(const absl::Status& health) ABSL_LOCKS_EXCLUDED(mutex_);

  const WebhookOptions options_;
  const std::string place_;
  const Clock& clock_;
  CURLM* const multi_;  // used by the thread only, but for waking it
  Outbox outbox_;

  // Used by the thread only.
  std::map<WebhookRequest*, std::unique_ptr<WebhookRequest>> under_way_;
  WebhookSecrets secrets_;
  absl::Duration secrets_read_ = -absl::InfiniteDuration();
  absl::Duration paused_until_ = -absl::InfiniteDuration();
  bool paused_ = false;

  absl::Mutex mutex_;
  absl::Status health_ ABSL_GUARDED_BY(mutex_);
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;

  std::thread thread_;  // last: it uses the rest
};

}  // namespace nexus::sink
