// What the sink says when the broker does not let it in, or not to its topic.

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "fake/eventually.h"
#include "fake/requirement.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "harness/kafka/kafka_rights.h"
#include "harness/kafka/kafka_server.h"
#include "nexus/core/errors.h"
#include "sink/event_maker.h"
#include "sink/kafka/kafka_sink.h"

namespace nexus::sink {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kUser[] = "nexus";
constexpr char kTopic[] = "guarded";

class KafkaAccessTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const absl::Status found = harness::KafkaServer::FindPrograms();
    if (!fake::Require(found.ok(), found.message())) return;
    auto started = harness::KafkaServer::StartSecured(kUser, "sesame");
    ASSERT_TRUE(started.ok()) << started.status();
    kafka_ = *std::move(started);
    const absl::Status made = kafka_->CreateTopic(kTopic, 1);
    ASSERT_TRUE(made.ok()) << made;
  }
  void Allow(harness::KafkaRight right, const std::string& topic = kTopic) {
    const absl::Status allowed = harness::AllowInKafka(kafka_->brokers(), kUser, topic, right);
    ASSERT_TRUE(allowed.ok()) << allowed;
  }
  void Forbid() {
    const absl::Status forbidden = harness::ForbidInKafka(kafka_->brokers(), kUser, kTopic);
    ASSERT_TRUE(forbidden.ok()) << forbidden;
  }
  std::unique_ptr<KafkaSink> Open(const std::string& password) {
    KafkaOptions options;
    options.brokers = kafka_->secured_brokers();
    options.topic = kTopic;
    options.properties = {{"security.protocol", "sasl_plaintext"},
                          {"sasl.mechanisms", "PLAIN"},
                          {"sasl.username", kUser},
                          {"sasl.password", password}};
    auto sink = KafkaSink::Open(options);
    EXPECT_TRUE(sink.ok()) << sink.status();
    return *std::move(sink);
  }
  static bool BecomesWell(KafkaSink& sink) {
    return fake::Eventually([&] { return sink.Health().ok(); }, absl::Seconds(30));
  }
  static bool ComesToSay(KafkaSink& sink, absl::string_view words) {
    const bool said = fake::Eventually(
        [&] { return absl::StrContains(std::string(sink.Health().message()), words); },
        absl::Seconds(30));
    EXPECT_TRUE(said) << sink.Health();
    return said;
  }
  absl::Status DeliverOne(KafkaSink& sink, uint64_t revision) {
    Answers one;
    sink.Deliver(MakeEvent("order-1", revision), one.Next());
    EXPECT_TRUE(one.WaitFor(1));
    return one.all().empty() ? absl::UnknownError("no answer") : one.all()[0];
  }
  // A stream whose event came back must begin with it again: so the same revision each time.
  bool ComesToDeliver(KafkaSink& sink, uint64_t revision) {
    return fake::Eventually([&] { return DeliverOne(sink, revision).ok(); }, absl::Seconds(30));
  }

  std::unique_ptr<harness::KafkaServer> kafka_;
};

TEST_F(KafkaAccessTest, SaysThatCredentialsAreRefusedAndNotWhatTheyAre) {
  Allow(harness::KafkaRight::kWrite);
  auto sink = Open("wrong-password");
  ASSERT_TRUE(ComesToSay(*sink, "Authentication failed"));
  EXPECT_THAT(std::string(sink->Health().message()), Not(HasSubstr("wrong-password")));
  EXPECT_TRUE(absl::IsUnavailable(sink->Health()));
  auto good = Open("sesame");
  ASSERT_TRUE(BecomesWell(*good)) << good->Health();
  EXPECT_TRUE(DeliverOne(*good, 0).ok());
  // They are revoked while it is connected.
  kafka_->Kill();
  kafka_->SetPassword("another");
  const absl::Status restarted = kafka_->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  ASSERT_TRUE(ComesToSay(*good, "Authentication failed"));
}

// All events of the sink go there: it is no fault of any of them.
TEST_F(KafkaAccessTest, ATopicThatIsForbiddenIsAFaultOfTheSinkAndPasses) {
  Allow(harness::KafkaRight::kWrite, "another");
  auto sink = Open("sesame");
  ASSERT_TRUE(ComesToSay(*sink, "TOPIC_AUTHORIZATION_FAILED"));
  const absl::Status refused = DeliverOne(*sink, 0);
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  Allow(harness::KafkaRight::kWrite);
  ASSERT_TRUE(ComesToDeliver(*sink, 0)) << sink->Health();
  EXPECT_TRUE(BecomesWell(*sink)) << sink->Health();
  // And one that comes to be.
  Forbid();
  ASSERT_TRUE(fake::Eventually([&] { return absl::IsUnavailable(DeliverOne(*sink, 1)); }));
  ASSERT_TRUE(ComesToSay(*sink, "TOPIC_AUTHORIZATION_FAILED"));
}

// Who may write nowhere is no idempotent producer, which is a fatal error to the client library.
TEST_F(KafkaAccessTest, SaysThatItMayOnlyLook) {
  Allow(harness::KafkaRight::kDescribe);
  auto sink = Open("sesame");
  ASSERT_TRUE(ComesToSay(*sink, "Cluster authorization failed"));
  EXPECT_TRUE(absl::IsUnavailable(DeliverOne(*sink, 0)));
  // It does not spend its time on producers that cannot work.
  EXPECT_LT(sink->rebuilds(), 20u);
  Allow(harness::KafkaRight::kWrite);
  EXPECT_TRUE(ComesToDeliver(*sink, 0)) << sink->Health();
}

}  // namespace
}  // namespace nexus::sink
