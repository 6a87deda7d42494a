#pragma once

#include <memory>
#include <string>
#include <vector>

#include "fault/broker.h"
#include "harness/rabbitmq/rabbitmq_reader.h"
#include "harness/rabbitmq/rabbitmq_server.h"

namespace nexus::fault {

// Its queue takes some hundred messages and refuses the next. Its consumer takes away what it
// reads, and rests while a fault lasts: so the queue is full whenever that lasts.
class RabbitMqBroker : public Broker {
 public:
  static absl::StatusOr<std::unique_ptr<Broker>> Start();

  std::string SinkJson() const override;
  harness::FaultProxy& proxy() override { return *proxy_; }
  void Kill() override { server_->Kill(); }
  void Stop() override { server_->Stop(); }
  absl::Status Restart() override { return server_->Restart(); }
  void Pause(bool on) override { on ? server_->Pause() : server_->GoOn(); }
  absl::Status SetFull(bool) override { return absl::OkStatus(); }
  absl::StatusOr<std::vector<Arrival>> ReadOn() override;
  std::string Output() const override { return server_->Output(); }

 private:
  RabbitMqBroker() = default;

  std::unique_ptr<harness::RabbitMqServer> server_;
  std::unique_ptr<harness::FaultProxy> proxy_;
};

}  // namespace nexus::fault
