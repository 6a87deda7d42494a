#include "fault/webhook_broker.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace nexus::fault {

absl::StatusOr<std::unique_ptr<Broker>> WebhookBroker::Start() {
  std::unique_ptr<WebhookBroker> broker(new WebhookBroker);
  broker->receiver_ = std::make_unique<harness::HttpReceiver>(
      [self = broker.get()](const harness::HttpPost& post) { return self->Take(post); });
  const std::string url = broker->receiver_->url();  // http://127.0.0.1:PORT/events
  const size_t colon = url.rfind(':') + 1;
  int port = 0;
  if (!absl::SimpleAtoi(url.substr(colon, url.rfind('/') - colon), &port)) {
    return absl::InternalError(absl::StrCat("no port in ", url));
  }
  broker->proxy_ = std::make_unique<harness::FaultProxy>(port);
  return broker;
}

std::string WebhookBroker::SinkJson() const {
  return absl::StrCat(R"({"kind": "webhook", "settings": {"url": "http://127.0.0.1:)",
                      proxy_->port(), R"(/events", "timeout_ms": 1000}})");
}

harness::HttpReply WebhookBroker::Take(const harness::HttpPost& post) {
  absl::MutexLock lock(&mutex_);
  const auto going_on = [this] {
    mutex_.AssertHeld();
    return !paused_;
  };
  mutex_.Await(absl::Condition(&going_on));
  if (full_) return {.status = 503};
  if (post.body.size() > kPoisonBytes) return {.status = 413};
  const auto id = post.headers.find("ce-id");
  const auto position = post.headers.find("ce-nexusposition");
  Arrival arrival;
  if (id == post.headers.end() || position == post.headers.end() ||
      !absl::SimpleAtoi(position->second, &arrival.position)) {
    return {.status = 400};
  }
  arrival.id = id->second;
  arrivals_.push_back(std::move(arrival));
  return {.status = 204};
}

void WebhookBroker::Kill() {
  proxy_->Refuse(true);
  proxy_->ResetAll();
}

absl::Status WebhookBroker::Restart() {
  proxy_->Refuse(false);
  return absl::OkStatus();
}

void WebhookBroker::Pause(bool on) {
  absl::MutexLock lock(&mutex_);
  paused_ = on;
}

absl::Status WebhookBroker::SetFull(bool full) {
  absl::MutexLock lock(&mutex_);
  full_ = full;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Arrival>> WebhookBroker::ReadOn() {
  absl::MutexLock lock(&mutex_);
  return std::exchange(arrivals_, {});
}

}  // namespace nexus::fault
