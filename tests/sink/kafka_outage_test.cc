// The router and a real broker that goes away: nothing is lost, the order of a stream holds.

#include <map>
#include <set>

#include "absl/strings/numbers.h"
#include "fake/eventually.h"
#include "fake/manual_clock.h"
#include "fake/memory_checkpoints.h"
#include "fake/recording_metrics.h"
#include "fake/sequential_ids.h"
#include "fake/thread_executor.h"
#include "fake/tiny_log.h"
#include "route/sink_delivery.h"
#include "schema/json/simd_json_reader.h"
#include "sink/kafka/kafka_sink.h"
#include "sink/with_kafka.h"

namespace nexus::sink {
namespace {

constexpr uint64_t kEvents = 2'000;
constexpr uint64_t kStreams = 20;

class KafkaOutageTest : public WithKafka {
 protected:
  void Append(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      signal_.Publish(log_.Append(absl::StrCat("order-", appended_++ % kStreams)));
    }
  }
  void Start() {
    KafkaOptions options;
    options.brokers = kafka_->brokers();
    options.topic = topic_;
    sink_ = *KafkaSink::Open(options);
    route::RouteContext context{log_, signal_,      executor_, clock_,
                                ids_, checkpoints_, metrics_,  classifications_};
    route::RouteDeclaration route;
    route.name = "kafka";
    delivery_ =
        std::make_shared<route::SinkDelivery>(context, *sink_, route::PlanFor(route, "kafka"));
    ASSERT_TRUE(delivery_->Start().ok());
  }
  // A stop that does not wait: what is on its way is unknown.
  void Abandon() {
    delivery_->Stop(absl::ZeroDuration()).IgnoreError();
    delivery_.reset();
    sink_.reset();
  }
  bool WaitForCheckpoint(uint64_t position) {
    const auto reached = [&] { return delivery_->Status().checkpoint.value >= position; };
    if (fake::Eventually(reached, absl::Seconds(90))) return true;
    ADD_FAILURE() << delivery_->Status().last_error << " " << delivery_->Status().health;
    return false;
  }
  // Every event is there; without the repetitions each stream is in order.
  void ExpectComplete(uint64_t events) {
    std::set<uint64_t> positions;
    const auto records = ReadUntil([&](const std::vector<harness::KafkaRecord>& so_far) {
      if (!so_far.empty()) positions.insert(PositionOf(so_far.back()));
      return positions.size() == events;
    });
    std::map<std::string, uint64_t> last;
    std::set<uint64_t> seen;
    for (const auto& record : records) {
      if (!seen.insert(PositionOf(record)).second) continue;
      EXPECT_LT(last[record.key], PositionOf(record)) << record.key;
      last[record.key] = PositionOf(record);
    }
    RecordProperty("duplicates", static_cast<int>(records.size() - seen.size()));
  }
  static uint64_t PositionOf(const harness::KafkaRecord& record) {
    uint64_t position = 0;
    EXPECT_TRUE(absl::SimpleAtoi(record.headers.at("ce_nexusposition"), &position));
    return position;
  }

  fake::ThreadExecutor executor_{2};
  fake::TinyLog log_;
  fake::ManualClock clock_;
  fake::SequentialIds ids_;
  fake::MemoryCheckpoints checkpoints_;
  fake::RecordingMetrics metrics_;
  follow::HeadSignal signal_{executor_, Position(0)};
  schema::SimdJsonReader json_;
  route::ClassificationHistory classifications_{route::CriticalityRules(), json_};
  uint64_t appended_ = 0;
  std::unique_ptr<KafkaSink> sink_;
  std::shared_ptr<route::SinkDelivery> delivery_;
};

TEST_F(KafkaOutageTest, LosesNothingWhenTheBrokerIsKilledUnderLoad) {
  CreateTopic(3);
  Start();
  Append(kEvents / 2);
  ASSERT_TRUE(WaitForCheckpoint(1));
  kafka_->Kill();
  Append(kEvents / 2);
  const absl::Status restarted = kafka_->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  ASSERT_TRUE(WaitForCheckpoint(kEvents));
  ASSERT_TRUE(delivery_->Stop(absl::Seconds(30)).ok());
  ExpectComplete(kEvents);
}

TEST_F(KafkaOutageTest, WaitsForABrokerThatIsAbsentAtTheStart) {
  CreateTopic(3);
  kafka_->Kill();
  Append(100);
  Start();
  EXPECT_FALSE(sink_->Health().ok());
  const absl::Status restarted = kafka_->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  ASSERT_TRUE(WaitForCheckpoint(100));
  ExpectComplete(100);
}

TEST_F(KafkaOutageTest, DeliversAgainAfterARestartOfTheRouter) {
  CreateTopic(3);
  for (uint64_t round = 1; round <= 4; ++round) {
    Start();
    Append(kEvents / 4);
    ASSERT_TRUE(WaitForCheckpoint((round - 1) * kEvents / 4 + 1));
    Abandon();
  }
  Start();
  ASSERT_TRUE(WaitForCheckpoint(kEvents));
  ExpectComplete(kEvents);
}

TEST_F(KafkaOutageTest, FatalErrorsUnderLoadLoseNothing) {
  CreateTopic(3);
  Start();
  for (uint64_t round = 1; round <= 5; ++round) {
    Append(kEvents / 5);
    ASSERT_TRUE(WaitForCheckpoint((round - 1) * kEvents / 5 + 1));
    sink_->ProvokeFatalErrorForTest();
  }
  ASSERT_TRUE(WaitForCheckpoint(kEvents));
  EXPECT_GE(sink_->rebuilds(), 1u);
  ExpectComplete(kEvents);
}

}  // namespace
}  // namespace nexus::sink
