// Critical events reach a real Kafka, whatever dies on the way.

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "fake/requirement.h"
#include "gmock/gmock.h"
#include "harness/kafka/kafka_reader.h"
#include "harness/kafka/kafka_server.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

constexpr char kTopic[] = "nexus.events";
constexpr int kPartitions = 3;

class KafkaDeliveryTest : public DaemonFixture {
 protected:
  void SetUp() override {
    const absl::Status programs = harness::KafkaServer::FindPrograms();
    if (!fake::Require(programs.ok(), programs.message())) return;
    auto kafka = harness::KafkaServer::Start();
    ASSERT_TRUE(kafka.ok()) << kafka.status();
    kafka_ = *std::move(kafka);
    const absl::Status created = kafka_->CreateTopic(kTopic, kPartitions);
    ASSERT_TRUE(created.ok()) << created;
  }
  void StartWithKafka() {
    StartDaemon({"--set", absl::StrCat("route.kafka.brokers=", kafka_->brokers())});
  }
  grpc::Status AppendCritical(const std::string& stream) {
    v1::AppendRequest request = OneEvent(stream, "order.placed", R"({"total": 5})");
    request.mutable_streams(0)->mutable_events(0)->mutable_routing()->set_max_latency_ms(100);
    return Append(request);
  }

  std::unique_ptr<harness::KafkaServer> kafka_;
};

TEST_F(KafkaDeliveryTest, DeliversEveryAcknowledgedEventAcrossCrashesOfBothSides) {
  StartWithKafka();
  RegisterOrders();
  constexpr int kRounds = 3;
  constexpr int kEach = 40;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kEach; ++i) {
      const grpc::Status status = AppendCritical(absl::StrCat("order-", i % 5));
      ASSERT_TRUE(status.ok()) << status.error_message();
    }
    if (round == 0) {
      daemon_->Kill();
      StartWithKafka();
    } else if (round == 1) {
      kafka_->Kill();
      ASSERT_TRUE(AppendCritical("order-0").ok());  // a broker that is away delays, no more
      ASSERT_TRUE(kafka_->Restart().ok());
    }
  }
  const size_t stored = kRounds * kEach + 1;
  const auto ids_of = [](const std::vector<harness::KafkaRecord>& records) {
    std::set<std::string> ids;
    for (const harness::KafkaRecord& record : records) ids.insert(record.headers.at("ce_id"));
    return ids;
  };
  const auto records = harness::ReadTopic(
      kafka_->brokers(), kTopic, kPartitions,
      [&](const auto& so_far) { return ids_of(so_far).size() >= stored; }, absl::Minutes(2));
  ASSERT_TRUE(records.ok()) << records.status();
  std::map<std::string, int64_t> last_revision;
  for (const harness::KafkaRecord& record : *records) {
    EXPECT_EQ(record.headers.at("ce_specversion"), "1.0");
    EXPECT_EQ(record.headers.at("ce_subject"), record.key);
    // At least once: an event may come again, but never before one that precedes it.
    const int64_t revision = std::stoll(record.headers.at("ce_sequence"));
    int64_t& last = last_revision.emplace(record.key, -1).first->second;
    EXPECT_LE(revision, last + 1) << record.key;
    last = std::max(last, revision);
  }
  EXPECT_EQ(ids_of(*records).size(), stored);
}

TEST_F(KafkaDeliveryTest, ReadsBackWhatTheBrokerHolds) {
  StartWithKafka();
  RegisterOrders();
  constexpr uint64_t kEvents = 50;
  for (uint64_t i = 0; i < kEvents; ++i) {
    ASSERT_TRUE(AppendCritical(absl::StrCat("order-", i % 5)).ok());
  }
  admin::v1::ReconcileRouteRequest request;
  request.set_name("critical");
  admin::v1::ReconcileRouteResponse answer;
  const auto reconcile = [&] {
    const auto context = Context();
    const auto reader = routes_->ReconcileRoute(context.get(), request);
    while (reader->Read(&answer)) continue;
    return reader->Finish();
  };
  ASSERT_TRUE(fake::Eventually([&] { return reconcile().ok() && answer.found() == kEvents; }));
  EXPECT_TRUE(answer.done());
  EXPECT_EQ(answer.place(), kTopic);
  EXPECT_EQ(answer.events(), kEvents);
  EXPECT_EQ(answer.missing() + answer.reordered() + answer.moved() + answer.foreign(), 0u);
  // Files are not read back, and there is nothing to read of a route that nobody declared.
  request.set_name("standard");
  EXPECT_EQ(ReasonOf(reconcile()), "UNIMPLEMENTED");
  request.set_name("nobody");
  EXPECT_EQ(ReasonOf(reconcile()), "NOT_FOUND");
}

// An event that the route does not take parks its stream; with a larger limit it goes first, and
// what waits behind it in order.
TEST_F(KafkaDeliveryTest, AParkedStreamCatchesUpOnceTheRouteIsMended) {
  StartWithKafka();
  RegisterOrders();
  const auto declaration = [this](int bytes_max) {
    return absl::StrCat(R"({"name": "small", "match": {"categories": ["big"]},
        "sink": {"kind": "kafka", "settings": {"brokers": ")",
                        kafka_->brokers(), R"(", "topic": ")", kTopic,
                        R"(", "message_bytes_max": )", bytes_max,
                        R"(}}, "on_error": {"too-large": "person"}})");
  };
  admin::v1::ApplyRouteRequest apply;
  apply.set_declaration(declaration(2'000));
  admin::v1::ApplyRouteResponse applied;
  ASSERT_TRUE(routes_->ApplyRoute(Context().get(), apply, &applied).ok());
  const std::string large =
      absl::StrCat(R"({"total": 1, "note": ")", std::string(10'000, 'x'), R"("})");
  for (const std::string& data :
       {std::string(R"({"total": 0})"), large, std::string(R"({"total": 2})")}) {
    const grpc::Status status = AppendOrder("big-1", data);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  admin::v1::ListDeadLettersResponse letters;
  ASSERT_TRUE(fake::Eventually(
      [&] {
        letters.Clear();
        return routes_->ListDeadLetters(Context().get(), {}, &letters).ok() &&
               letters.dead_letters_size() == 1;
      },
      absl::Seconds(60)));
  EXPECT_EQ(letters.dead_letters(0).error_class(), "too-large");
  EXPECT_EQ(letters.dead_letters(0).revision(), 1u);
  EXPECT_TRUE(letters.dead_letters(0).parked());
  apply.set_declaration(declaration(1'000'000));
  ASSERT_TRUE(routes_->ApplyRoute(Context().get(), apply, &applied).ok());
  admin::v1::RetryDeadLetterRequest retry;
  retry.set_id(letters.dead_letters(0).id());
  admin::v1::DeadLetter letter;
  ASSERT_TRUE(routes_->RetryDeadLetter(Context().get(), retry, &letter).ok());
  ASSERT_TRUE(fake::Eventually(
      [&] {
        letters.Clear();
        return routes_->ListDeadLetters(Context().get(), {}, &letters).ok() &&
               letters.dead_letters_size() == 0;
      },
      absl::Seconds(60)));
  const auto records = harness::ReadTopic(
      kafka_->brokers(), kTopic, kPartitions, [](const auto& so_far) { return so_far.size() >= 3; },
      absl::Minutes(1));
  ASSERT_TRUE(records.ok()) << records.status();
  std::vector<std::string> revisions;
  for (const harness::KafkaRecord& record : *records) {
    if (record.key == "big-1") revisions.push_back(record.headers.at("ce_sequence"));
  }
  EXPECT_THAT(revisions, ::testing::ElementsAre("0", "1", "2"));
}

}  // namespace
}  // namespace nexus::integration
