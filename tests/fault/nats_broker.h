#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "fault/broker.h"
#include "harness/nats/nats_server.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::fault {

class NatsBroker : public Broker {
 public:
  static absl::StatusOr<std::unique_ptr<Broker>> Start();

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
  NatsBroker() = default;

  std::unique_ptr<harness::NatsServer> server_;
  std::unique_ptr<harness::FaultProxy> proxy_;
  schema::SimdJsonReader json_;
  std::map<int32_t, int64_t> next_;  // of the one part
};

}  // namespace nexus::fault
