#pragma once

// A delivery of a small log to a sink whose broker fails: nothing is lost, the order of a stream
// holds.

#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/eventually.h"
#include "fake/manual_clock.h"
#include "fake/memory_checkpoints.h"
#include "fake/recording_metrics.h"
#include "fake/sequential_ids.h"
#include "fake/thread_executor.h"
#include "fake/tiny_log.h"
#include "gtest/gtest.h"
#include "route/sink_delivery.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::sink {

class RoutedSink {
 public:
  static constexpr uint64_t kStreams = 20;

  // What arrived, in the order of arrival: streams and positions.
  using Arrivals = std::vector<std::pair<std::string, uint64_t>>;

  ~RoutedSink() { Abandon(); }

  // `run`: so many of a stream in a row.
  void Append(uint64_t count, uint64_t run = 1) {
    for (uint64_t i = 0; i < count; ++i) {
      signal_.Publish(log_.Append(absl::StrCat("order-", appended_++ / run % kStreams)));
    }
  }
  void Start(std::unique_ptr<Sink> sink) {
    sink_ = std::move(sink);
    route::RouteContext context{log_, signal_,      executor_, clock_,
                                ids_, checkpoints_, metrics_,  classifications_};
    route::RouteDeclaration route;
    route.name = "broker";
    delivery_ =
        std::make_shared<route::SinkDelivery>(context, *sink_, route::PlanFor(route, "broker"));
    ASSERT_TRUE(delivery_->Start().ok());
  }
  // A stop that does not wait: what is on its way is unknown.
  void Abandon() {
    if (delivery_) delivery_->Stop(absl::ZeroDuration()).IgnoreError();
    delivery_.reset();
    sink_.reset();
  }
  absl::Status Stop() { return delivery_->Stop(absl::Seconds(30)); }
  bool WaitForCheckpoint(uint64_t position) {
    const auto reached = [&] { return delivery_->Status().checkpoint.value >= position; };
    if (fake::Eventually(reached, absl::Seconds(90))) return true;
    ADD_FAILURE() << delivery_->Status().last_error << " " << delivery_->Status().health;
    return false;
  }
  // Whether all of the first `events` positions are there.
  static bool Complete(const Arrivals& arrivals, uint64_t events) {
    std::set<uint64_t> positions;
    for (const auto& [stream, position] : arrivals) positions.insert(position);
    return positions.size() == events;
  }
  // Without the repetitions each stream is in order.
  static void ExpectOrder(const Arrivals& arrivals) {
    std::map<std::string, uint64_t> last;
    std::set<uint64_t> seen;
    for (const auto& [stream, position] : arrivals) {
      if (!seen.insert(position).second) continue;
      EXPECT_LT(last[stream], position) << stream;
      last[stream] = position;
    }
    ::testing::Test::RecordProperty("duplicates", static_cast<int>(arrivals.size() - seen.size()));
  }

 private:
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
  std::unique_ptr<Sink> sink_;
  std::shared_ptr<route::SinkDelivery> delivery_;
};

}  // namespace nexus::sink
