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
#include "harness/nexusd/temporary_folder.h"
#include "harness/rabbitmq/rabbitmq_reader.h"
#include "harness/rabbitmq/rabbitmq_server.h"
#include "nexus/core/system_clock.h"
#include "sink/event_maker.h"
#include "sink/rabbitmq/rabbitmq_sink.h"

namespace nexus::sink {

// Tests that share one broker, each with an exchange of its own.
class WithRabbitMq : public ::testing::Test {
 protected:
  static constexpr size_t kBrokerBytesMax = 300'000;

  void SetUp() override {
    const absl::Status found = harness::RabbitMqServer::FindPrograms();
    if (!fake::Require(found.ok(), found.message())) return;
    std::unique_ptr<harness::RabbitMqServer>& shared = Shared();
    if (!shared) {
      auto started = harness::RabbitMqServer::Start(
          {.extra_config = absl::StrCat("max_message_size = ", kBrokerBytesMax, "\n")});
      ASSERT_TRUE(started.ok()) << started.status();
      shared = *std::move(started);
    }
    rabbit_ = shared.get();
    exchange_ = ::testing::UnitTest::GetInstance()->current_test_info()->name();
    queue_ = absl::StrCat(exchange_, ".all");
    WritePassword("guest");
  }

  // An exchange with a queue that takes what `binding` says.
  void Declare(const std::string& binding = "#", int full_at = 0) {
    auto reader = Reader();
    ASSERT_NE(reader, nullptr);
    const absl::Status exchange = reader->DeclareExchange(exchange_);
    ASSERT_TRUE(exchange.ok()) << exchange;
    const absl::Status queue = reader->DeclareQueue(queue_, exchange_, binding, full_at);
    ASSERT_TRUE(queue.ok()) << queue;
  }
  std::unique_ptr<harness::RabbitMqReader> Reader() {
    auto reader = harness::RabbitMqReader::Connect(rabbit_->port());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return reader.ok() ? *std::move(reader) : nullptr;
  }
  RabbitMqOptions Options() const {
    RabbitMqOptions options;
    options.brokers = rabbit_->address();
    options.password.file = folder_ / "password";
    options.exchange = exchange_;
    return options;
  }
  std::unique_ptr<RabbitMqSink> Open(const RabbitMqOptions& options) {
    auto sink = RabbitMqSink::Open(options, clock_);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  std::unique_ptr<RabbitMqSink> OpenWell(const RabbitMqOptions& options) {
    auto sink = Open(options);
    EXPECT_TRUE(BecomesWell(*sink)) << sink->Health();
    return sink;
  }
  static bool BecomesWell(RabbitMqSink& sink) {
    return fake::Eventually([&] { return sink.Health().ok(); });
  }
  static bool ComesToSay(RabbitMqSink& sink, const std::string& words) {
    const bool said = fake::Eventually(
        [&] { return std::string(sink.Health().message()).find(words) != std::string::npos; });
    EXPECT_TRUE(said) << sink.Health();
    return said;
  }
  void WritePassword(const std::string& password) const {
    std::ofstream(folder_ / "password") << password << "\n";
  }
  // What a consumer sees, once it has seen `count`.
  std::vector<harness::RabbitMqRecord> Read(size_t count, const std::string& queue = "") {
    return ReadUntil([count](const auto& records) { return records.size() >= count; }, queue);
  }
  std::vector<harness::RabbitMqRecord> ReadUntil(
      absl::FunctionRef<bool(const std::vector<harness::RabbitMqRecord>&)> enough,
      const std::string& queue = "") {
    auto reader = Reader();
    if (!reader) return {};
    auto records = reader->Read(queue.empty() ? queue_ : queue, enough, absl::Seconds(60));
    EXPECT_TRUE(records.ok()) << records.status();
    return records.ok() ? *std::move(records) : std::vector<harness::RabbitMqRecord>();
  }
  void Control(const std::vector<std::string>& arguments) {
    const auto said = rabbit_->Control(arguments);
    ASSERT_TRUE(said.ok()) << said.status();
  }

  SystemClock clock_;
  harness::TemporaryFolder folder_;
  harness::RabbitMqServer* rabbit_ = nullptr;
  std::string exchange_;
  std::string queue_;

 private:
  // Ends with the program.
  static std::unique_ptr<harness::RabbitMqServer>& Shared() {
    static std::unique_ptr<harness::RabbitMqServer> server;
    return server;
  }
};

}  // namespace nexus::sink
