// What delivery costs, asked of a real nexusd.

#include <fstream>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr uint64_t kMonthSeconds = 730 * 3'600;

class CostReportTest : public DaemonFixture {
 protected:
  void SetUp() override {
    StartDaemon();
    RegisterOrders();
  }
  // `critical` of them are declared as high.
  void AppendOrders(int count, int critical) {
    for (int i = 0; i < count; ++i) {
      v1::AppendRequest request = OneEvent("order-1", "order.placed", R"({"total": 5})");
      v1::NewEvent& event = *request.mutable_streams(0)->mutable_events(0);
      if (i < critical) {
        event.mutable_routing()->set_criticality(v1::CRITICALITY_HIGH);
        (*event.mutable_metadata())["owner"] = "me";  // the shipped policy wants to know
      }
      ASSERT_TRUE(Append(request).ok());
    }
  }
  grpc::Status Report(const admin::v1::ReportCostRequest& request) {
    answer_.Clear();
    return costs_->ReportCost(Context().get(), request, &answer_);
  }
  static admin::v1::ReportCostRequest Billed(const std::string& critical,
                                             const std::string& standard) {
    admin::v1::ReportCostRequest request;
    auto& services = *request.mutable_assumptions()->mutable_route_services();
    services["critical"] = critical;
    services["standard"] = standard;
    request.set_projected_seconds(kMonthSeconds);
    return request;
  }
  static const admin::v1::RouteCost& RouteOf(const admin::v1::CostScenario& scenario,
                                             const std::string& name) {
    static const admin::v1::RouteCost none;
    for (const admin::v1::RouteCost& route : scenario.routes()) {
      if (route.route() == name) return route;
    }
    return none;
  }

  admin::v1::ReportCostResponse answer_;
};

TEST_F(CostReportTest, CountsWhatEachRouteTook) {
  AppendOrders(5, 2);
  ASSERT_TRUE(Report({}).ok());
  EXPECT_EQ(answer_.prices_origin(), "built-in");
  EXPECT_EQ(answer_.events(), 5u);
  EXPECT_EQ(answer_.actual().critical(), 2u);
  EXPECT_EQ(RouteOf(answer_.actual(), "critical").events(), 2u);
  EXPECT_EQ(RouteOf(answer_.actual(), "standard").events(), 3u);
  EXPECT_EQ(RouteOf(answer_.actual(), "standard").service(), "files");
  EXPECT_FALSE(answer_.has_what_if());
}

TEST_F(CostReportTest, SaysThatItCostsMore) {
  AppendOrders(20, 0);
  ASSERT_TRUE(Report(Billed("kinesis", "sns-sqs")).ok());
  const admin::v1::CostScenario& actual = answer_.actual();
  ASSERT_TRUE(actual.comparable());
  EXPECT_LT(actual.saving_resized_micros(), 0);
  EXPECT_THAT(actual.verdict(), HasSubstr("MORE"));
  int64_t lines = 0, routes = 0;
  for (const auto& bill : actual.bills()) {
    for (const auto& line : bill.lines()) lines += line.amount_micros();
  }
  for (const auto& route : actual.routes()) {
    routes += route.fixed_micros() + route.variable_micros();
  }
  EXPECT_EQ(lines, actual.actual_micros());
  EXPECT_EQ(routes, actual.actual_micros());
  EXPECT_EQ(answer_.billed_seconds(), kMonthSeconds);
  EXPECT_EQ(actual.all_critical().fixed_micros(), 10'950'000) << "one shard for a month";
}

TEST_F(CostReportTest, AnswersWhatOtherRulesWouldCost) {
  AppendOrders(6, 0);
  admin::v1::ReportCostRequest request = Billed("kafka", "nats");
  request.set_classification(R"({"ordered_categories": {"order": "critical"}})");
  ASSERT_TRUE(Report(request).ok());
  EXPECT_EQ(answer_.events(), 6u);
  EXPECT_GT(RouteOf(answer_.actual(), "standard").events(), 6u) << "a month of it";
  EXPECT_EQ(answer_.actual().critical(), 0u);
  EXPECT_EQ(answer_.what_if().critical(), 6u);
  EXPECT_EQ(RouteOf(answer_.what_if(), "standard").events(), 0u);
  request.set_classification(R"({"treshold": 0.5})");
  EXPECT_THAT(Report(request).error_message(), HasSubstr("/treshold"));
}

TEST_F(CostReportTest, FlagsWhatHasNoPrice) {
  AppendOrders(2, 0);
  ASSERT_TRUE(Report(Billed("kafka", "webhook")).ok());
  EXPECT_FALSE(answer_.actual().comparable());
  EXPECT_THAT(answer_.actual().unpriced(), ElementsAre("standard"));
  EXPECT_FALSE(answer_.actual().has_saving_resized_micros());
}

TEST_F(CostReportTest, TakesAPeriodByPositionOrTime) {
  AppendOrders(4, 0);
  const std::vector<v1::Event> orders = ReadStream("order-1");
  admin::v1::ReportCostRequest request;
  request.set_from_position(orders[1].position());
  request.set_to_position(orders[2].position());
  ASSERT_TRUE(Report(request).ok());
  EXPECT_EQ(answer_.events(), orders[2].position() - orders[1].position() + 1);
  EXPECT_GE(answer_.measured_seconds(), 1u);
  request.set_to_position(1'000'000);
  EXPECT_EQ(ReasonOf(Report(request)), "POSITION_BEYOND_HEAD");
  request.set_to_position(orders[0].position());
  EXPECT_EQ(ReasonOf(Report(request)), "MALFORMED_REQUEST");
  admin::v1::ReportCostRequest timed;
  *timed.mutable_from_time() = orders[3].recorded_time();
  timed.mutable_to_time()->set_seconds(orders[3].recorded_time().seconds() + 3'600);
  ASSERT_TRUE(Report(timed).ok());
  EXPECT_EQ(RouteOf(answer_.actual(), "standard").events(), 1u);
  timed.set_from_position(1);
  EXPECT_EQ(ReasonOf(Report(timed)), "MALFORMED_REQUEST");
}

TEST_F(CostReportTest, OfAnEmptyPeriodIsWhatIsFixed) {
  admin::v1::ReportCostRequest request = Billed("kafka", "rabbitmq");
  request.mutable_from_time()->set_seconds(1'000'000'000);
  request.mutable_to_time()->set_seconds(1'000'003'600);
  request.set_projected_seconds(0);
  ASSERT_TRUE(Report(request).ok());
  EXPECT_EQ(answer_.events(), 0u);
  EXPECT_EQ(answer_.billed_seconds(), 3'600u);
  // Three nodes of each for an hour: 0.2448 and 0.1248.
  EXPECT_EQ(answer_.actual().actual_micros(), 369'600);
  EXPECT_EQ(answer_.actual().saving_resized_micros(), -124'800);
}

TEST_F(CostReportTest, SaysWhatIsWrongWithTheRequest) {
  AppendOrders(1, 0);
  admin::v1::ReportCostRequest request;
  request.set_prices(
      "format: 1\nas_of: 2026-11-27\nregion: x\ncurrency: USD\n"
      "services:\n  a: {kind: sns-sqs}\nsinks: {}\n");
  EXPECT_EQ(ReasonOf(Report(request)), "MALFORMED_REQUEST");
  EXPECT_THAT(Report(request).error_message(), HasSubstr("/services/a/publish"));
  EXPECT_THAT(Report(Billed("kafka", "pigeon")).error_message(), HasSubstr("'pigeon'"));
  request.Clear();
  (*request.mutable_assumptions()->mutable_route_services())["no-such"] = "kafka";
  EXPECT_THAT(Report(request).error_message(), HasSubstr("no route 'no-such'"));
  request.Clear();
  (*request.mutable_assumptions()->mutable_sink_services())["pigeon"] = "kafka";
  EXPECT_THAT(Report(request).error_message(), HasSubstr("kind 'pigeon'"));
  request.Clear();
  request.mutable_assumptions()->set_consumers(5'000);
  EXPECT_THAT(Report(request).error_message(), HasSubstr("assumptions.consumers is 5000"));
  request.Clear();
  request.set_projected_seconds(~uint64_t{0});
  EXPECT_EQ(ReasonOf(Report(request)), "MALFORMED_REQUEST");
}

TEST_F(CostReportTest, ReadsTheServersPriceFileForEachReport) {
  AppendOrders(1, 0);
  ASSERT_TRUE(daemon_->Terminate().ok());
  const std::string path = folder_ / "prices.yaml";
  std::ofstream(path) << "format: 1\n";
  StartDaemon({"--set", absl::StrCat("cost.prices_file=", path)});
  const grpc::Status bad = Report({});
  EXPECT_EQ(ReasonOf(bad), "CONFIGURATION_INVALID");
  EXPECT_THAT(bad.error_message(), HasSubstr("/as_of"));
  std::ofstream(path) << "format: 1\nas_of: 2026-11-27\nregion: here\ncurrency: EUR\n"
                         "services:\n  a: {kind: unpriced, why: nobody knows}\nsinks: {jsonl: a}\n";
  ASSERT_TRUE(Report({}).ok());
  EXPECT_EQ(answer_.prices_origin(), "server");
  EXPECT_EQ(answer_.currency(), "EUR");
  EXPECT_THAT(answer_.actual().verdict(), HasSubstr("a has no price"));
}

}  // namespace
}  // namespace nexus::integration
