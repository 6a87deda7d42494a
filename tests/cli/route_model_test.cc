// nexusctl route train, rules and test against the real nexusd.

#include <fstream>
#include <random>

#include "absl/strings/str_cat.h"
#include "cli/daemon_and_shell.h"
#include "gmock/gmock.h"

namespace nexus::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RouteModelTest : public DaemonAndShell {
 protected:
  void SetUp() override {
    DaemonAndShell::SetUp();
    ASSERT_EQ(Run(R"(echo '{"type":"object"}' | nexusctl schema register order.paid -)").code, 0);
  }

  // Gold customers are high, with a little noise; every tenth event declares nothing.
  Result ImportOrders(int count) {
    std::mt19937_64 random(6);
    std::string lines;
    for (int i = 0; i < count; ++i) {
      const bool gold = random() % 2 == 0;
      const bool high = random() % 20 == 0 ? !gold : gold;
      const std::string routing = i % 10 == 0 ? ""
                                              : absl::StrCat(R"(,"routing":{"criticality":")",
                                                             high ? "high" : "low", "\"}");
      absl::StrAppend(&lines, R"({"stream":"order-)", i % 50,
                      R"(","type":"order.paid","data":{"n":)", i, R"(},"metadata":{"tier":")",
                      gold ? "gold" : "none", R"(","owner":"payments"})", routing, "}\n");
    }
    std::ofstream(folder_ / "orders.jsonl") << lines;
    return Run(absl::StrCat("nexusctl import ", folder_ / "orders.jsonl"));
  }
};

TEST_F(RouteModelTest, TrainsOnTheLogAndLetsTheModelDecide) {
  const Result imported = ImportOrders(600);
  ASSERT_EQ(imported.code, 0) << imported.output;
  const std::string file = folder_ / "model.json";
  Result result =
      Run(absl::StrCat("nexusctl route train --threshold 0.5 -o table --out ", file, " 2>&1"));
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("60 events declare neither high nor low"),
                                   HasSubstr("metadata.tier=gold")));
  result = Run(absl::StrCat("nexusctl route rules --threshold 0.5 --model ", file));
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("\"threshold\":0.5"), HasSubstr("\"model\":{")));
  result =
      Run("nexusctl route test --stream order-1 --type order.paid --metadata tier=gold "
          "--data '{}' -o table");
  EXPECT_EQ(result.code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("critical: the model's score is above"),
                                   HasSubstr("metadata.tier=gold"), HasSubstr("log-odds")));
  EXPECT_THAT(
      Run("nexusctl route test --stream order-1 --type order.paid --metadata tier=none").output,
      HasSubstr("\"path\":\"standard\""));
  result = Run("nexusctl route rules --no-model");
  ASSERT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output, AllOf(HasSubstr("\"threshold\":0.5"), Not(HasSubstr("\"model\""))));
}

TEST_F(RouteModelTest, ShowsWhatATransformLeavesOfAStoredEvent) {
  ASSERT_EQ(
      Run(R"(nexusctl append order-1 order.paid --data '{"id": 1.50, "card": {"number": "4111"}}')")
          .code,
      0);
  const Result read = Run("nexusctl read order-1 | sed 's/.*\"position\":\\([0-9]*\\).*/\\1/'");
  const std::string position = read.output.substr(0, read.output.find('\n'));
  std::ofstream(folder_ / "partner.json")
      << R"({"name":"partner","sink":{"kind":"jsonl","settings":{"folder":"partner"}},
             "match":{"categories":["order"]},
             "transform":{"mask":{"/card/number":"****"},"hash":{"fields":["/id"],"secret":"s"}}})";
  Result result = Run(absl::StrCat("nexusctl route test --position ", position, " --declaration ",
                                   folder_ / "partner.json"));
  EXPECT_EQ(result.code, 0) << result.output;
  EXPECT_THAT(result.output,
              HasSubstr(R"json("data":{"id":"(pseudonym by s)","card":{"number":"****"}})json"));
  std::ofstream(folder_ / "odd.json")
      << R"({"name":"odd","sink":{"kind":"jsonl"},"transform":{"require":["/total"]}})";
  result = Run(absl::StrCat("nexusctl route apply ", folder_ / "odd.json"));
  ASSERT_EQ(result.code, 0) << result.output;
  result = Run(absl::StrCat("nexusctl route test -o table --position ", position));
  EXPECT_THAT(result.output, HasSubstr("the data has no /total, which is required"));
}

}  // namespace
}  // namespace nexus::cli
