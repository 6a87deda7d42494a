#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fault/broker.h"
#include "harness/rabbitmq/rabbitmq_reader.h"
#include "harness/rabbitmq/rabbitmq_server.h"

namespace nexus::fault {

// Its consumer takes away what it reads, and rests while a fault lasts. A queue that is limited
// takes some hundred messages and refuses the next: so it is full whenever a fault lasts, and one
// event of a stream is on its way at a time. One that the route declares takes all, so many are; a
// broker that is full then says that it has no memory and blocks publishers.
class RabbitMqBroker : public Broker {
 public:
  enum class Queue { kLimited, kDeclared };

  static absl::StatusOr<std::unique_ptr<Broker>> Start(Queue queue);

  std::string SinkJson() const override;
  harness::FaultProxy& proxy() override { return *proxy_; }
  void Kill() override { server_->Kill(); }
  void Stop() override { server_->Stop(); }
  absl::Status Restart() override { return server_->Restart(); }
  void Pause(bool on) override { on ? server_->Pause() : server_->GoOn(); }
  absl::Status SetFull(bool full) override;
  absl::StatusOr<std::vector<Arrival>> ReadOn() override;
  std::string Output() const override { return server_->Output(); }

 private:
  explicit RabbitMqBroker(Queue queue) : queue_(queue) {}

  absl::Status MakeLimitedQueue();
  absl::Status DeclareOnce();

  const Queue queue_;
  std::unique_ptr<harness::RabbitMqServer> server_;
  std::unique_ptr<harness::FaultProxy> proxy_;
};

}  // namespace nexus::fault
