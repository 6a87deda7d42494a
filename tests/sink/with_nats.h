#pragma once

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "fake/requirement.h"
#include "gtest/gtest.h"
#include "harness/nats/nats_reader.h"
#include "harness/nats/nats_server.h"
#include "harness/nexusd/temporary_folder.h"
#include "nexus/core/system_clock.h"
#include "sink/event_maker.h"
#include "sink/nats/nats_sink.h"

namespace nexus::sink {

// Tests with a server, which starts in no time: each has its own.
class WithNats : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status found = harness::NatsServer::FindPrograms();
    if (!fake::Require(found.ok(), found.message())) return;
    Start({});
  }
  void Start(const harness::NatsServer::Options& options) {
    auto started = harness::NatsServer::Start(options);
    ASSERT_TRUE(started.ok()) << started.status();
    nats_ = *std::move(started);
  }
  void AddStream(harness::NatsStream stream = {}) {
    if (stream.name.empty()) stream.name = "nexus";
    if (stream.subjects.empty()) stream.subjects = {"nexus.evt.order.>"};
    const absl::Status made = Reader()->AddStream(stream);
    ASSERT_TRUE(made.ok()) << made;
  }
  std::unique_ptr<harness::NatsReader> Reader() {
    auto reader = harness::NatsReader::Connect(nats_->port());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *std::move(reader);
  }
  NatsOptions Options() const {
    NatsOptions options;
    options.servers = nats_->address();
    return options;
  }
  std::unique_ptr<NatsSink> Open(const NatsOptions& options) {
    auto sink = NatsSink::Open(options, clock_);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  std::unique_ptr<NatsSink> OpenWell(const NatsOptions& options) {
    auto sink = Open(options);
    EXPECT_TRUE(BecomesWell(*sink)) << sink->Health();
    return sink;
  }
  static bool BecomesWell(NatsSink& sink) {
    return fake::Eventually([&] { return sink.Health().ok(); });
  }
  static bool ComesToSay(NatsSink& sink, const std::string& words) {
    const bool said = fake::Eventually(
        [&] { return std::string(sink.Health().message()).find(words) != std::string::npos; },
        absl::Seconds(20));
    EXPECT_TRUE(said) << sink.Health();
    return said;
  }
  std::vector<harness::NatsRecord> Read(size_t count) {
    return ReadUntil([count](const auto& records) { return records.size() >= count; });
  }
  std::vector<harness::NatsRecord> ReadUntil(
      absl::FunctionRef<bool(const std::vector<harness::NatsRecord>&)> enough) {
    auto records = Reader()->Read("nexus", enough, absl::Seconds(60));
    EXPECT_TRUE(records.ok()) << records.status();
    return records.ok() ? *std::move(records) : std::vector<harness::NatsRecord>();
  }
  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name) << text;
  }

  SystemClock clock_;
  harness::TemporaryFolder folder_;
  std::unique_ptr<harness::NatsServer> nats_;
};

}  // namespace nexus::sink
