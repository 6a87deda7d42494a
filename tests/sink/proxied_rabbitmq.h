#pragma once

#include <memory>
#include <vector>

#include "harness/proxy/fault_proxy.h"
#include "sink/routed_sink.h"
#include "sink/with_rabbitmq.h"

namespace nexus::sink {

// Tests whose sink reaches the broker through a proxy that fails, with a delivery before the sink.
class ProxiedRabbitMq : public WithRabbitMq {
 protected:
  void SetUp() override {
    WithRabbitMq::SetUp();
    if (rabbit_ != nullptr) proxy_ = std::make_unique<harness::FaultProxy>(rabbit_->port());
  }
  // Of a sink whose broker is the proxy.
  RabbitMqOptions Proxied() const {
    RabbitMqOptions options = Options();
    options.brokers = absl::StrCat("127.0.0.1:", proxy_->port());
    options.heartbeat = absl::Seconds(1);
    return options;
  }
  // All of the first `events` positions have arrived, and each stream in order.
  void ExpectComplete(uint64_t events) {
    RoutedSink::Arrivals arrivals;
    ReadUntil([&](const std::vector<harness::RabbitMqRecord>& records) {
      while (arrivals.size() < records.size()) {
        const harness::RabbitMqRecord& record = records[arrivals.size()];
        uint64_t position = 0;
        EXPECT_TRUE(absl::SimpleAtoi(record.headers.at("cloudEvents_nexusposition"), &position));
        arrivals.emplace_back(record.headers.at("cloudEvents_subject"), position);
      }
      return RoutedSink::Complete(arrivals, events);
    });
    RoutedSink::ExpectOrder(arrivals);
  }

  std::unique_ptr<harness::FaultProxy> proxy_;
  RoutedSink routed_;
};

}  // namespace nexus::sink
