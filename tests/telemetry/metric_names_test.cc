#include "telemetry/metric_names.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace nexus::telemetry {
namespace {

namespace fs = std::filesystem;

fs::path SourceRoot() {
  const char* root = std::getenv("NEXUS_SOURCE_DIR");
  return root != nullptr ? root : ".";
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::set<std::string> TableNames() {
  std::set<std::string> names;
  for (const MetricInfo& info : AllMetrics()) names.emplace(info.name);
  return names;
}

TEST(MetricNames, AreThereOnce) { EXPECT_EQ(TableNames().size(), AllMetrics().size()); }

TEST(MetricNames, FollowTheRulesOfPrometheus) {
  for (const MetricInfo& info : AllMetrics()) {
    EXPECT_TRUE(absl::StartsWith(info.name, "nexus_") || absl::StartsWith(info.name, "process_"))
        << info.name;
    EXPECT_EQ(info.kind == MetricKind::kCounter, absl::EndsWith(info.name, "_total")) << info.name;
    EXPECT_TRUE(absl::EndsWith(info.help, ".")) << info.name;
  }
}

TEST(MetricNames, HaveNoUnboundedLabel) {
  for (const MetricInfo& info : AllMetrics()) {
    for (const char* label : {"stream", "principal", "event_id", "correlation_id", "user"}) {
      EXPECT_FALSE(absl::StrContains(info.labels, label)) << info.name;
    }
  }
}

TEST(MetricNames, GiveTheReferencePageOfTheRepository) {
  EXPECT_EQ(ReadAll(SourceRoot() / "docs/reference/metrics.md"), MetricsReference())
      << "put the second text into docs/reference/metrics.md";
}

TEST(MetricNames, ListEveryNameThatTheSourcesAskFor) {
  const std::set<std::string> listed = TableNames();
  const std::regex request("Get(?:Counter|Gauge|Histogram)\\(\\s*\"([^\"]+)\"");
  size_t files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(SourceRoot() / "src")) {
    if (entry.path().extension() != ".cc" && entry.path().extension() != ".h") continue;
    ++files;
    const std::string text = ReadAll(entry.path());
    for (std::sregex_iterator it(text.begin(), text.end(), request), end; it != end; ++it) {
      EXPECT_TRUE(listed.count((*it)[1]) > 0)
          << (*it)[1] << " of " << entry.path() << " is not in telemetry/metric_names.cc";
    }
  }
  EXPECT_GT(files, 10u) << "the sources were not found";
}

TEST(MetricNames, HaveBucketsThatGrow) {
  double last = 0;
  for (const double bound : DurationBuckets()) {
    EXPECT_GT(bound, last);
    last = bound;
  }
}

}  // namespace
}  // namespace nexus::telemetry
