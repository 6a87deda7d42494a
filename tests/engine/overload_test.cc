// Clients that ask for more than the log can store in time, on a clock of the test: what is
// answered within its deadline stays what it was at the peak, and comes back when the load goes.

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/engine.h"
#include "engine/queueing_log.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_logger.h"
#include "fake/recording_metrics.h"
#include "fake/scripted_policy.h"
#include "fake/sequential_ids.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "storage/memory/memory_event_index.h"
#include "storage/memory/memory_log.h"

namespace nexus::engine {
namespace {

// A slow log, so that a test has few commits: deadlines are long in proportion.
constexpr absl::Duration kStep = absl::Milliseconds(20);
constexpr absl::Duration kDeadline = absl::Seconds(2);
constexpr size_t kGroup = 8;
constexpr absl::Duration kGroupTime = absl::Milliseconds(200);  // 40 commits a second
constexpr absl::Duration kSlowGroup = absl::Milliseconds(600);  // 13

// Asks again as soon as it is answered; after its deadline whatever the server does; when it is
// refused, after the delay that it is told.
struct LoadClient {
  std::string name = "a";
  uint64_t call = 0;  // under way; answers to others come too late
  bool waiting = false;
  absl::Duration gives_up;
  absl::Duration asks_at;
};

struct Counts {
  uint64_t good = 0;  // stored within the deadline
  uint64_t late = 0;  // given up
  uint64_t refused = 0;
};

class OverloadTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(registry_.Load().ok());
    auto engine = Engine::Create({log_, memory_, registry_, validator_, policy_, head_, executor_,
                                  clock_, ids_, metrics_, logger_, filtered_},
                                 EngineOptions());
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
    schema::CategorySettings settings;
    settings.category = "bench";
    settings.schema_mode = schema::SchemaMode::kOptional;
    engine_->UpdateCategory(settings, {}, [](const auto&) {});
    executor_.RunAll();
    log_.SetPace(kGroup, kGroupTime);
  }
  // Everything that was asked is answered before the engine goes.
  void TearDown() override {
    log_.SetPace(1'000, kStep);
    while (!log_.idle()) Pass();
  }

  void AddClients(size_t count, const std::string& name = "a") {
    for (size_t i = 0; i < count; ++i) {
      clients_.push_back(std::make_unique<LoadClient>());
      clients_.back()->name = name;
    }
  }

  Counts Run(absl::Duration time, const std::string& of = "a") {
    counts_ = {};
    counted_ = of;
    const absl::Duration end = clock_.Monotonic() + time;
    while (clock_.Monotonic() < end) {
      for (size_t i = 0; i < std::min(asking_, clients_.size()); ++i) Drive(*clients_[i]);
      Pass();
    }
    return counts_;
  }
  // Good answers a second.
  double Goodput(absl::Duration time) {
    return static_cast<double>(Run(time).good) / absl::ToDoubleSeconds(time);
  }

  bool tells_deadline_ = true;
  size_t asking_ = ~size_t{0};  // of the clients
  QueueingLog log_{clock_};
  fake::ManualClock clock_;
  fake::RecordingMetrics metrics_;
  std::vector<std::unique_ptr<LoadClient>> clients_;

 private:
  void Pass() {
    clock_.Advance(kStep);
    log_.Step();
    executor_.RunAll();
  }

  void Drive(LoadClient& client) {
    const absl::Duration now = clock_.Monotonic();
    if (client.waiting && now >= client.gives_up) {
      client.waiting = false;
      ++client.call;
      if (client.name == counted_) ++counts_.late;
      client.asks_at = now;
    }
    if (client.waiting || now < client.asks_at) return;
    client.waiting = true;
    client.gives_up = now + kDeadline;
    Ask(client, ++client.call);
  }

  void Ask(LoadClient& client, uint64_t call) {
    CommitDraft draft;
    EventDraft event;
    event.type = "bench.recorded";
    event.data = "{}";
    draft.streams.push_back({"bench-1", ExpectedRevision::Any(), {std::move(event)}});
    Caller caller;
    caller.principal.name = client.name;
    if (tells_deadline_) caller.deadline = client.gives_up;
    engine_->Append(std::move(draft), std::move(caller),
                    [this, &client, call](const absl::StatusOr<CommitReceipt>& receipt) {
                      if (client.call == call) Answered(client, receipt.status());
                    });
  }

  void Answered(LoadClient& client, const absl::Status& status) {
    client.waiting = false;
    client.asks_at = clock_.Monotonic();
    const bool counts = client.name == counted_;
    if (status.ok()) {
      if (counts) ++counts_.good;
      return;
    }
    EXPECT_EQ(ReasonOf(status), ErrorReason::kOverloaded) << status;
    if (counts) ++counts_.refused;
    client.asks_at += DetailsOf(status).retry_after.value_or(absl::Milliseconds(100));
  }

  fake::SequentialIds ids_;
  fake::ManualExecutor executor_;
  fake::ScriptedPolicy policy_;
  fake::RecordingLogger logger_;
  storage::MemoryLog memory_;
  storage::MemoryEventIndex index_;
  index::FilteredReader filtered_{{memory_, memory_, index_}};
  follow::HeadSignal head_{executor_, Position()};
  schema::JsonSchemaValidator validator_;
  schema::JsonSchemaComparer comparer_;
  const schema::SchemaLanguages languages_ =
      schema::SchemaLanguages().Add(SchemaFormat::kJsonSchema, validator_, comparer_);
  schema::SimdJsonReader json_;
  schema::SchemaRegistry registry_{{memory_, memory_, languages_, json_, executor_, clock_, ids_},
                                   Limits()};
  std::unique_ptr<Engine> engine_;
  Counts counts_;
  std::string counted_ = "a";
};

constexpr size_t kSaturating = 32;  // 40 a second: answered in 0.8 s

TEST_F(OverloadTest, TenTimesTheClientsKeepNineTenthsOfTheGoodput) {
  AddClients(kSaturating);
  Run(absl::Seconds(4));
  const double peak = Goodput(absl::Seconds(20));
  EXPECT_GT(peak, 36);
  AddClients(9 * kSaturating);
  EXPECT_GT(Goodput(absl::Seconds(20)), 0.9 * peak) << "at once";
  EXPECT_GT(Goodput(absl::Seconds(20)), 0.9 * peak) << "and for as long as it lasts";
  EXPECT_GT(metrics_.Value("nexus_append_dropped_total{why=wait}"), 0);
}

TEST_F(OverloadTest, ASlowDiskKeepsNineTenthsOfWhatItCanStore) {
  AddClients(kSaturating);
  Run(absl::Seconds(4));
  log_.SetPace(kGroup, kSlowGroup);
  const double can = static_cast<double>(kGroup) / absl::ToDoubleSeconds(kSlowGroup);
  Run(absl::Seconds(4));
  EXPECT_GT(Goodput(absl::Seconds(30)), 0.9 * can);
  AddClients(9 * kSaturating);
  Run(absl::Seconds(4));
  EXPECT_GT(Goodput(absl::Seconds(30)), 0.9 * can);
}

TEST_F(OverloadTest, ComesBackWhenTheDiskAndTheLoadDo) {
  AddClients(kSaturating);
  Run(absl::Seconds(4));
  const double peak = Goodput(absl::Seconds(20));
  AddClients(9 * kSaturating);
  log_.SetPace(kGroup, absl::Seconds(5));  // nobody is answered in time
  EXPECT_LE(Run(absl::Seconds(20)).good, kGroup) << "of the group that had begun before";
  log_.SetPace(kGroup, kGroupTime);
  Run(absl::Seconds(10));  // what is allowed; the group under way takes up to 5 of it
  EXPECT_GT(Goodput(absl::Seconds(10)), 0.9 * peak) << "under the same load";
  asking_ = kSaturating;
  Run(absl::Seconds(4));
  EXPECT_GT(Goodput(absl::Seconds(10)), 0.9 * peak);
}

// The control: a server that knows no deadline works for those who have gone.
TEST_F(OverloadTest, CollapsesIfItIsNotToldTheDeadline) {
  tells_deadline_ = false;
  AddClients(10 * kSaturating);
  Run(absl::Seconds(10));
  EXPECT_LT(Goodput(absl::Seconds(10)), 10);
}

TEST_F(OverloadTest, NothingIsTurnedAwayBelowSaturation) {
  AddClients(kSaturating);
  Run(absl::Seconds(4));
  const Counts counts = Run(absl::Seconds(20));
  EXPECT_EQ(counts.refused, 0u);
  EXPECT_EQ(counts.late, 0u);
}

TEST_F(OverloadTest, AGreedyClientDoesNotStarveAModestOne) {
  log_.SetPace(kGroup / 2, kGroupTime / 2);
  AddClients(10 * kSaturating, "greedy");
  AddClients(4, "modest");
  Run(absl::Seconds(10));
  constexpr double kSeconds = 40;
  const Counts modest = Run(absl::Seconds(kSeconds), "modest");
  // Four of its calls are under way at once, each answered within a deadline at the latest.
  const double fair = 4 / absl::ToDoubleSeconds(kDeadline) * kSeconds;
  EXPECT_GT(static_cast<double>(modest.good), 0.9 * fair)
      << modest.refused << " refused, " << modest.late << " late";
  EXPECT_LT(modest.refused + modest.late, modest.good / 10);
}

}  // namespace
}  // namespace nexus::engine
