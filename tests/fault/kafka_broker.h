#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fault/broker.h"
#include "harness/kafka/kafka_server.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::fault {

class KafkaBroker : public Broker {
 public:
  static absl::StatusOr<std::unique_ptr<Broker>> Start();

  std::string SinkJson() const override;
  harness::FaultProxy& proxy() override { return proxy_; }
  void Kill() override { server_->Kill(); }
  void Stop() override { server_->Stop().IgnoreError(); }
  absl::Status Restart() override { return server_->Restart(); }
  void Pause(bool on) override { on ? server_->Pause() : server_->GoOn(); }
  absl::Status SetFull(bool full) override;
  absl::StatusOr<std::vector<Arrival>> ReadOn() override;
  std::string Output() const override { return server_->Output(); }

 private:
  explicit KafkaBroker(int proxied_port) : proxied_port_(proxied_port), proxy_(proxied_port) {}

  const int proxied_port_;
  harness::FaultProxy proxy_;
  std::unique_ptr<harness::KafkaServer> server_;
  schema::SimdJsonReader json_;
  std::map<int32_t, int64_t> next_;  // by partition
};

}  // namespace nexus::fault
