#pragma once

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "fake/requirement.h"
#include "gtest/gtest.h"
#include "harness/kafka/kafka_reader.h"
#include "harness/kafka/kafka_server.h"

namespace nexus::sink {

// Tests that share one broker, each with a topic of its own.
class WithKafka : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status found = harness::KafkaServer::FindPrograms();
    if (!fake::Require(found.ok(), found.message())) return;
    std::unique_ptr<harness::KafkaServer>& shared = Shared();
    if (!shared) {
      auto started = harness::KafkaServer::Start();
      ASSERT_TRUE(started.ok()) << started.status();
      shared = *std::move(started);
    }
    kafka_ = shared.get();
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    topic_ = absl::StrCat(test->test_suite_name(), ".", test->name());
  }

  void CreateTopic(int partitions) {
    const absl::Status made = kafka_->CreateTopic(topic_, partitions);
    ASSERT_TRUE(made.ok()) << made;
    partitions_ = partitions;
  }
  // What a consumer sees, once it has seen `count` records.
  std::vector<harness::KafkaRecord> Read(size_t count) {
    return ReadUntil([count](const auto& records) { return records.size() >= count; });
  }
  std::vector<harness::KafkaRecord> ReadUntil(
      absl::FunctionRef<bool(const std::vector<harness::KafkaRecord>&)> enough) {
    auto records =
        harness::ReadTopic(kafka_->brokers(), topic_, partitions_, enough, absl::Seconds(60));
    EXPECT_TRUE(records.ok()) << records.status();
    return records.ok() ? *std::move(records) : std::vector<harness::KafkaRecord>();
  }

  harness::KafkaServer* kafka_ = nullptr;
  std::string topic_;
  int partitions_ = 1;

 private:
  // Ends with the program.
  static std::unique_ptr<harness::KafkaServer>& Shared() {
    static std::unique_ptr<harness::KafkaServer> server;
    return server;
  }
};

}  // namespace nexus::sink
