// Real threads, a sink that fails in every way, restarts in between: what was appended is what
// arrived or is a dead letter, in order.

#include <map>
#include <random>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "fake/borrowed_sink.h"
#include "fake/eventually.h"
#include "fake/manual_clock.h"
#include "fake/memory_checkpoints.h"
#include "fake/memory_dead_letters.h"
#include "fake/recording_metrics.h"
#include "fake/sequential_ids.h"
#include "fake/thread_executor.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "route/router.h"
#include "schema/json/simd_json_reader.h"
#include "storage/memory/memory_log.h"

namespace nexus::route {
namespace {

constexpr int kStreams = 8;
constexpr uint64_t kPoison = 97;  // every so many positions

// Answers on threads of its own, late and in any order.
class UnreliableSink : public Sink {
 public:
  explicit UnreliableSink(fake::ThreadExecutor& threads) : threads_(threads) {}

  absl::string_view Name() const override { return "unreliable"; }
  void Deliver(OutboundEvent event, Delivered done) override {
    absl::Status answer;
    absl::Duration delay;
    {
      absl::MutexLock lock(&mutex_);
      EXPECT_FALSE(inside_) << "two threads deliver at once";
      inside_ = true;
      ++in_flight_;
      answer = Judge(*event.event);
      delay = absl::Microseconds(random_() % 300);
      inside_ = false;
    }
    auto shared = std::make_shared<Delivered>(std::move(done));
    threads_.RunAfter(delay, [this, shared, answer] {
      answer.ok() ? (*shared)(Coordinate()) : (*shared)(answer);
      absl::MutexLock lock(&mutex_);
      --in_flight_;
    });
  }
  absl::Status Flush(absl::Duration) override {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](int* n) { return *n == 0; }, &in_flight_));
    return absl::OkStatus();
  }
  absl::Status Health() override { return absl::OkStatus(); }

  std::map<uint64_t, size_t> last_arrivals() {
    absl::MutexLock lock(&mutex_);
    return last_arrival_;
  }

 private:
  absl::Status Judge(const RecordedEvent& event) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    if (event.position.value % kPoison == 0) return absl::InvalidArgumentError("poison");
    const uint64_t dice = random_() % 100;
    if (dice == 0) return absl::UnavailableError("lost on the way");
    last_arrival_[event.position.value] = ++arrivals_;
    if (dice == 1) return absl::UnavailableError("arrived, but the answer was lost");
    return absl::OkStatus();
  }

  fake::ThreadExecutor& threads_;
  absl::Mutex mutex_;
  std::mt19937_64 random_ ABSL_GUARDED_BY(mutex_){11};
  std::map<uint64_t, size_t> last_arrival_ ABSL_GUARDED_BY(mutex_);
  size_t arrivals_ ABSL_GUARDED_BY(mutex_) = 0;
  int in_flight_ ABSL_GUARDED_BY(mutex_) = 0;
  bool inside_ ABSL_GUARDED_BY(mutex_) = false;
};

RouterOptions FastOptions() {
  RouterOptions options;
  options.delivery.page.events_max = 16;
  options.delivery.breaker = {absl::Microseconds(200), absl::Milliseconds(2)};
  options.delivery.checkpoint = {.events_max = 20, .interval = absl::Milliseconds(1)};
  return options;
}

RouteDeclaration OneRoute() {
  RouteDeclaration route;
  route.name = "all";
  route.sink.kind = "unreliable";
  route.dead_letters = DeadLetterPolicy::kSkipAhead;
  route.bounds.pending_events = 64;
  route.retry = {.attempts = 5, .base_ms = 1, .max_ms = 1};
  return route;
}

TEST(RouterRaceTest, WhatWasAppendedArrivesOrIsADeadLetter) {
  constexpr uint64_t kEvents = 4'000;
  fake::ThreadExecutor executor(3);
  fake::ThreadExecutor sink_threads(2);
  fake::TinyLog log;
  follow::HeadSignal signal(executor, Position(0));
  fake::ManualClock clock;
  fake::SequentialIds ids;
  fake::MemoryCheckpoints checkpoints;
  fake::RecordingMetrics metrics;
  fake::MemoryDeadLetters letters;
  UnreliableSink sink(sink_threads);
  storage::MemoryLog rules_log;
  schema::SimdJsonReader json;
  RouteBookOptions routes;
  routes.routes = {OneRoute()};
  RouteBook book({rules_log, rules_log, json, executor, clock, ids}, routes);
  RouteContext context{
      log, signal, executor, clock, ids, checkpoints, metrics, book.classifications(), &letters};
  const auto factory = [&](const RouteDeclaration&, const std::string&) {
    return absl::StatusOr<std::unique_ptr<Sink>>(std::make_unique<fake::BorrowedSink>(sink));
  };

  std::thread writer([&] {
    std::mt19937_64 random(5);
    for (uint64_t i = 0; i < kEvents; ++i) {
      signal.Publish(log.Append(absl::StrCat("order-", random() % kStreams)));
    }
  });
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  int runs = 0;
  for (bool complete = false; !complete && absl::Now() < deadline; ++runs) {
    const std::shared_ptr<Router> router = Router::Create(context, book, factory, FastOptions());
    ASSERT_TRUE(router->Start().ok());
    const uint64_t goal = std::min<uint64_t>(kEvents, (runs + 1) * 500);
    fake::Eventually([&] { return router->Status().at("all").sink.checkpoint.value >= goal; },
                     deadline - absl::Now());
    ASSERT_TRUE(router->Stop(absl::Seconds(10)).ok());
    complete = checkpoints.SavedFor("route/all") == kEvents;
    ASSERT_LE(checkpoints.SavedFor("route/all"), kEvents);
  }
  writer.join();
  ASSERT_EQ(checkpoints.SavedFor("route/all"), kEvents) << "after " << runs << " runs";

  std::set<uint64_t> dead;
  for (const auto& letter : letters.letters()) dead.insert(letter.position);
  EXPECT_EQ(dead.size(), kEvents / kPoison);
  const auto arrivals = sink.last_arrivals();
  EXPECT_EQ(arrivals.size() + dead.size(), kEvents);
  const EventBatch all = *log.ReadAll(Position(1), Direction::kForward, {kEvents, 1 << 30});
  std::map<std::string, size_t> last_of_stream;
  for (const RecordedEvent& event : all.events) {
    if (dead.count(event.position.value) > 0) continue;
    const auto arrival = arrivals.find(event.position.value);
    ASSERT_NE(arrival, arrivals.end()) << "lost: " << event.position.value;
    size_t& before = last_of_stream[std::string(event.stream)];
    ASSERT_LT(before, arrival->second) << "out of order: " << event.position.value;
    before = arrival->second;
  }
  executor.Stop();
  sink_threads.Stop();
}

}  // namespace
}  // namespace nexus::route
