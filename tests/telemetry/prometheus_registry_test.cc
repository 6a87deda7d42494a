#include "telemetry/prometheus/prometheus_registry.h"

#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "telemetry/exposition_check.h"
#include "telemetry/metric_names.h"

namespace nexus::telemetry {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(PrometheusRegistryTest, ShowsNothingAtFirst) {
  EXPECT_EQ(PrometheusRegistry().Exposition(), "");
}

TEST(PrometheusRegistryTest, ShowsACounterFromZero) {
  PrometheusRegistry registry;
  Counter& counter = registry.GetCounter("nexus_probes_total", "Probes.", {});
  EXPECT_THAT(registry.Exposition(), HasSubstr("nexus_probes_total 0\n"));
  counter.Add(2);
  counter.Add(0.5);
  EXPECT_THAT(registry.Exposition(), HasSubstr("nexus_probes_total 2.5\n"));
}

TEST(PrometheusRegistryTest, LetsNoCounterFall) {
  PrometheusRegistry registry;
  Counter& counter = registry.GetCounter("nexus_probes_total", "Probes.", {});
  counter.Add(3);
  counter.Add(-1);
  EXPECT_THAT(registry.Exposition(), HasSubstr("nexus_probes_total 3\n"));
}

TEST(PrometheusRegistryTest, ShowsAGauge) {
  PrometheusRegistry registry;
  Gauge& gauge = registry.GetGauge("nexus_depth", "Depth.", {{"queue", "a"}});
  gauge.Set(5);
  gauge.Add(-7);
  EXPECT_THAT(registry.Exposition(), HasSubstr("nexus_depth{queue=\"a\"} -2\n"));
}

TEST(PrometheusRegistryTest, ShowsAHistogram) {
  PrometheusRegistry registry;
  Histogram& histogram = registry.GetHistogram("nexus_wait_seconds", "Wait.", {}, {0.1, 1.0});
  for (const double v : {0.05, 0.1, 0.5, 30.0}) histogram.Observe(v);
  const std::string page = registry.Exposition();
  EXPECT_THAT(page, HasSubstr("nexus_wait_seconds_bucket{le=\"0.1\"} 2\n"));
  EXPECT_THAT(page, HasSubstr("nexus_wait_seconds_bucket{le=\"1\"} 3\n"));
  EXPECT_THAT(page, HasSubstr("nexus_wait_seconds_bucket{le=\"+Inf\"} 4\n"));
  EXPECT_THAT(page, HasSubstr("nexus_wait_seconds_count 4\n"));
}

TEST(PrometheusRegistryTest, GivesTheSameInstrumentForTheSameNameAndLabels) {
  PrometheusRegistry registry;
  EXPECT_EQ(&registry.GetCounter("nexus_a_total", "A.", {{"x", "1"}, {"y", "2"}}),
            &registry.GetCounter("nexus_a_total", "Another help.", {{"y", "2"}, {"x", "1"}}));
  EXPECT_NE(&registry.GetCounter("nexus_a_total", "A.", {{"x", "2"}}),
            &registry.GetCounter("nexus_a_total", "A.", {{"x", "1"}}));
  EXPECT_EQ(&registry.GetGauge("nexus_b", "B.", {}), &registry.GetGauge("nexus_b", "B.", {}));
  EXPECT_EQ(&registry.GetHistogram("nexus_c", "C.", {}, {1.0}),
            &registry.GetHistogram("nexus_c", "C.", {}, {2.0}));
}

TEST(PrometheusRegistryTest, KeepsTheFirstHelp) {
  PrometheusRegistry registry;
  registry.GetCounter("nexus_a_total", "First.", {{"x", "1"}});
  registry.GetCounter("nexus_a_total", "Second.", {{"x", "2"}});
  EXPECT_THAT(registry.Exposition(), HasSubstr("# HELP nexus_a_total First.\n"));
  EXPECT_THAT(registry.Exposition(), Not(HasSubstr("Second.")));
}

TEST(PrometheusRegistryTest, ShowsEveryMetricOfTheTableAsAPageThatParses) {
  PrometheusRegistry registry;
  for (const MetricInfo& info : AllMetrics()) {
    MetricLabels labels;
    if (!info.labels.empty()) labels = {{"a", "x"}, {"b", "quote \" backslash \\ line \n end"}};
    for (int i = 0; i < 2; ++i) {
      if (!labels.empty()) labels[0].second = std::to_string(i);
      if (info.kind == MetricKind::kCounter) {
        registry.GetCounter(info.name, info.help, labels).Add(1);
      } else if (info.kind == MetricKind::kGauge) {
        registry.GetGauge(info.name, info.help, labels).Set(-1.5);
      } else {
        registry.GetHistogram(info.name, info.help, labels, DurationBuckets()).Observe(0.3);
      }
    }
  }
  EXPECT_THAT(ExpositionCheck::Faults(registry.Exposition()), IsEmpty());
}

TEST(PrometheusRegistryTest, CountsWhatManyThreadsAddWhileOthersLook) {
  PrometheusRegistry registry;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&registry] {
      for (int i = 0; i < 2'000; ++i) {
        registry.GetCounter("nexus_a_total", "A.", {{"i", std::to_string(i % 7)}}).Add(1);
        registry.GetHistogram("nexus_b", "B.", {}, {1.0}).Observe(1);
        if (i % 500 == 0) registry.Exposition();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(registry.Exposition(), HasSubstr("nexus_b_count 8000\n"));
  EXPECT_THAT(registry.Exposition(), HasSubstr("nexus_a_total{i=\"6\"} 1140\n"));
}

TEST(PrometheusRegistryDeathTest, EndsTheProcessForANameThatIsNone) {
  PrometheusRegistry registry;
  EXPECT_DEATH(registry.GetCounter("no name", "X.", {}), "");
}

TEST(PrometheusRegistryDeathTest, EndsTheProcessForANameOfTwoKinds) {
  PrometheusRegistry registry;
  registry.GetCounter("nexus_a_total", "A.", {});
  EXPECT_DEATH(registry.GetGauge("nexus_a_total", "A.", {}), "nexus_a_total");
}

TEST(ExpositionCheckTest, FindsEachFault) {
  const auto faults = [](const std::string& page) { return ExpositionCheck::Faults(page).size(); };
  EXPECT_EQ(faults("# HELP a A\n# TYPE a gauge\na 1\n"), 0u);
  EXPECT_GT(faults("a 1\n"), 0u) << "no TYPE";
  EXPECT_GT(faults("# HELP a A\n# TYPE a gauge\na 1\na 2\n"), 0u) << "twice";
  EXPECT_GT(faults("# HELP a A\n# TYPE a gauge\na one\n"), 0u) << "value";
  EXPECT_GT(faults("# HELP a A\n# TYPE a gauge\nb 1\n"), 0u) << "family";
  EXPECT_GT(faults("# HELP a A\n# TYPE a gauge\na{x=\"1} 1\n"), 0u) << "labels";
  EXPECT_GT(faults("# HELP a A\n# TYPE a gauge\na{x=\"1\",x=\"2\"} 1\n"), 0u) << "label twice";
  EXPECT_GT(faults("# HELP a A\n# TYPE a counter\na 1\n"), 0u) << "counter's name";
  EXPECT_GT(faults("# HELP a A\n# TYPE a gauge\na 1"), 0u) << "end";
  EXPECT_GT(faults("# HELP a A\n# TYPE a histogram\na_count 3\na_sum 1\n"
                   "a_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n"),
            0u)
      << "buckets";
}

}  // namespace
}  // namespace nexus::telemetry
