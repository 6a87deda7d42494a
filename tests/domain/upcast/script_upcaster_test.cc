#include "domain/upcast/script_upcaster.h"

#include <atomic>
#include <thread>

#include "absl/synchronization/notification.h"
#include "domain/upcast/upcaster_domain.h"
#include "fake/eventually.h"
#include "fake/recording_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_clock.h"
#include "schema/json/simd_json_reader.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::domain {
namespace {

using ::testing::HasSubstr;

constexpr char kDouble[] = "export const upcast = ({ data }) => ({ data: data * 2 });";

class ScriptUpcasterTest : public ::testing::Test {
 protected:
  void SetUp() override { scripts_ = *script::SpiderMonkeyEngine::Create(clock_); }

  void Start(const std::string& script, ScriptUpcasterOptions options = {}) {
    Declare(script);
    upcaster_ =
        std::make_unique<ScriptUpcaster>(ScriptUpcasterParts{*scripts_, metrics_,
                                                             [this] {
                                                               absl::MutexLock lock(&mutex_);
                                                               return state_;
                                                             }},
                                         options);
  }
  void Declare(const std::string& script) {
    auto state = DomainOf(json_, {{.name = "next", .script = script}});
    absl::MutexLock lock(&mutex_);
    state_ = std::move(state);
  }

  // What becomes of each of the data, all of one page.
  std::vector<absl::StatusOr<std::string>> Page(const std::vector<std::string>& data) {
    std::vector<absl::StatusOr<std::string>> out;
    const auto steps = upcaster_->Steps();
    const absl::Status with = upcaster_->With([&](UpcastRunner& runner) {
      runner.Begin(data.size());
      for (const std::string& one : data) {
        RecordedEvent event;
        event.type = "Made";
        event.data = one;
        out.push_back(runner.Run(*steps->Find("Made", 1), event));
      }
    });
    EXPECT_TRUE(with.ok()) << with;
    return out;
  }
  std::string One(const std::string& data) {
    const absl::StatusOr<std::string> made = Page({data}).front();
    return made.ok() ? *made : std::string(made.status().message());
  }

  SystemClock clock_;
  schema::SimdJsonReader json_;
  fake::RecordingMetrics metrics_;
  std::unique_ptr<script::SpiderMonkeyEngine> scripts_;
  absl::Mutex mutex_;
  std::shared_ptr<const DomainState> state_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<ScriptUpcaster> upcaster_;
};

TEST_F(ScriptUpcasterTest, RunsWhatTheDomainsDeclare) {
  Start(kDouble);
  EXPECT_EQ(One("21"), "42");
  EXPECT_EQ(upcaster_->Steps()->Find("Made", 2), nullptr);
  EXPECT_EQ(metrics_.Value("nexus_upcasts_total"), 1);
  EXPECT_EQ(metrics_.Value("nexus_upcast_failures_total"), 0);
}

TEST_F(ScriptUpcasterTest, HasNoStepsWhereNothingIsDeclared) {
  Start(kDouble);
  {
    absl::MutexLock lock(&mutex_);
    state_ = DomainOf(json_, {});
  }
  EXPECT_EQ(upcaster_->Steps(), nullptr);
  {
    absl::MutexLock lock(&mutex_);
    state_ = nullptr;
  }
  EXPECT_EQ(upcaster_->Steps(), nullptr);
}

TEST_F(ScriptUpcasterTest, ANewVersionOfTheDomainRunsItsOwnCode) {
  Start(kDouble);
  const auto before = upcaster_->Steps();
  EXPECT_EQ(before, upcaster_->Steps());
  EXPECT_EQ(One("2"), "4");
  Declare("export const upcast = ({ data }) => ({ data: -data });");
  EXPECT_NE(before, upcaster_->Steps());
  EXPECT_EQ(One("2"), "-2");
  Declare(kDouble);
  EXPECT_EQ(One("2"), "4");
}

TEST_F(ScriptUpcasterTest, OneEventThatFailsLeavesTheOthersAlone) {
  Start(
      "export function upcast({ data }) {\n"
      "  if (data === 2) throw new Error('two');\n  if (data === 3) for (;;) {}\n"
      "  return { data };\n}");
  const auto made = Page({"1", "2", "3", "4"});
  EXPECT_TRUE(made[0].ok());
  EXPECT_THAT(std::string(made[1].status().message()), HasSubstr("two"));
  EXPECT_THAT(std::string(made[2].status().message()), HasSubstr("too long"));
  EXPECT_TRUE(made[3].ok()) << made[3].status();
  EXPECT_EQ(metrics_.Value("nexus_upcasts_total"), 4);
  EXPECT_EQ(metrics_.Value("nexus_upcast_failures_total"), 2);
}

TEST_F(ScriptUpcasterTest, APageOfLoopsIsGivenUp) {
  ScriptUpcasterOptions options;
  options.call.time_max = absl::Milliseconds(5);
  Start("export function upcast() { for (;;) {} }", options);
  const auto made = Page(std::vector<std::string>(200, "1"));
  EXPECT_THAT(std::string(made.front().status().message()), HasSubstr("too long"));
  EXPECT_THAT(std::string(made.back().status().message()), HasSubstr("all that they may"));
  // 10 ms and 1 ms for each: it is not run 200 times.
  EXPECT_LT(metrics_.Value("nexus_upcasts_total"), 60);
  // The next page begins anew.
  EXPECT_THAT(One("1"), HasSubstr("too long"));
}

TEST_F(ScriptUpcasterTest, CodeThatCannotBeLoadedIsSaidOfEachEvent) {
  Start("throw new Error('at load');\nexport const upcast = (e) => e;");
  for (const auto& made : Page({"1", "2"})) {
    EXPECT_EQ(ReasonOf(made.status()), ErrorReason::kDomainCodeFailed);
    EXPECT_THAT(std::string(made.status().message()), HasSubstr("at load"));
  }
}

TEST_F(ScriptUpcasterTest, ServesManyReaders) {
  ScriptUpcasterOptions options;
  options.threads = 2;
  Start(kDouble, options);
  std::atomic<int> right = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 8; ++i) {
    readers.emplace_back([&, i] {
      for (int k = 0; k < 20; ++k) right += One(std::to_string(i)) == std::to_string(2 * i);
    });
  }
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(right, 160);
}

TEST_F(ScriptUpcasterTest, RefusesPagesBeyondItsBound) {
  ScriptUpcasterOptions options;
  options.pages_max = 1;
  Start(kDouble, options);
  absl::Notification running, go_on;
  std::thread first([&] {
    upcaster_
        ->With([&](UpcastRunner&) {
          running.Notify();
          go_on.WaitForNotification();
        })
        .IgnoreError();
  });
  running.WaitForNotification();
  // Of the two that come now one waits and the other is refused.
  std::atomic<int> refused = 0;
  std::atomic<int> served = 0;
  const auto ask = [&] {
    const absl::Status with = upcaster_->With([](UpcastRunner&) {});
    if (ReasonOf(with) == ErrorReason::kOverloaded) ++refused;
    if (with.ok()) ++served;
  };
  std::thread second(ask);
  std::thread third(ask);
  EXPECT_TRUE(fake::Eventually([&] { return refused == 1; }));
  go_on.Notify();
  first.join();
  second.join();
  third.join();
  EXPECT_EQ(served, 1);
}

}  // namespace
}  // namespace nexus::domain
