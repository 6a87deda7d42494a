// The alerts that ship: each metric exists, and each runbook that they name.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "re2/re2.h"

namespace nexus::tidy {
namespace {

namespace fs = std::filesystem;

std::string ReadText(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(Alerts, NameMetricsAndRunbooksThatExist) {
  const fs::path root = getenv("NEXUS_SOURCE_DIR");
  const std::string alerts = ReadText(root / "deploy/prometheus/nexus-alerts.yaml");
  const std::string metrics = ReadText(root / "docs/reference/metrics.md");
  int named = 0;
  re2::StringPiece rest(alerts);
  for (std::string metric; re2::RE2::FindAndConsume(&rest, R"(\b(nexus_[a-z_]+))", &metric);) {
    EXPECT_THAT(metrics, ::testing::HasSubstr("`" + metric + "`"));
    ++named;
  }
  EXPECT_GE(named, 6);
  int rules = 0;
  int runbooks = 0;
  rest = alerts;
  for (std::string alert; re2::RE2::FindAndConsume(&rest, R"(alert: (\w+))", &alert);) ++rules;
  rest = alerts;
  for (std::string page; re2::RE2::FindAndConsume(&rest, R"(runbook: (\S+))", &page);) {
    EXPECT_TRUE(fs::exists(root / page)) << page;
    ++runbooks;
  }
  EXPECT_EQ(rules, runbooks) << "an alert without a runbook";
}

}  // namespace
}  // namespace nexus::tidy
