#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "fault/broker.h"
#include "harness/http/http_receiver.h"

namespace nexus::fault {

// The receiver is of this process; to the sink it is dead when the proxy lets nobody through.
class WebhookBroker : public Broker {
 public:
  static absl::StatusOr<std::unique_ptr<Broker>> Start();
  ~WebhookBroker() override { Pause(false); }

  std::string SinkJson() const override;
  harness::FaultProxy& proxy() override { return *proxy_; }
  void Kill() override;
  void Stop() override { Kill(); }
  absl::Status Restart() override;
  void Pause(bool on) override;
  absl::Status SetFull(bool full) override;
  absl::StatusOr<std::vector<Arrival>> ReadOn() override;
  std::string Output() const override { return ""; }

 private:
  WebhookBroker() = default;

  harness::HttpReply Take(const harness::HttpPost& post);

  absl::Mutex mutex_;
  bool paused_ ABSL_GUARDED_BY(mutex_) = false;
  bool full_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<Arrival> arrivals_ ABSL_GUARDED_BY(mutex_);

  std::unique_ptr<harness::HttpReceiver> receiver_;
  std::unique_ptr<harness::FaultProxy> proxy_;
};

}  // namespace nexus::fault
