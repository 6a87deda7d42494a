// Routes of a running daemon: declared, changed, paused, replayed and found again after a crash.

#include <filesystem>
#include <fstream>
#include <set>

#include "absl/strings/match.h"
#include "fake/eventually.h"
#include "gmock/gmock.h"
#include "integration/daemon_fixture.h"

namespace nexus::integration {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kPay[] = R"({"name": "pay", "match": {"categories": ["pay"]},
    "sink": {"kind": "jsonl", "settings": {"folder": "pay"}}})";

class RoutesTest : public DaemonFixture {
 protected:
  void SetUp() override {
    StartDaemon();
    RegisterOrders();
  }
  grpc::Status Apply(const std::string& declaration,
                     admin::v1::ApplyRouteResponse* answer = nullptr, bool restart = false) {
    admin::v1::ApplyRouteRequest request;
    request.set_declaration(declaration);
    request.set_restart(restart);
    admin::v1::ApplyRouteResponse ignored;
    return routes_->ApplyRoute(Context().get(), request, answer != nullptr ? answer : &ignored);
  }
  admin::v1::Route Find(const std::string& name) {
    admin::v1::ListRoutesResponse list;
    EXPECT_TRUE(routes_->ListRoutes(Context().get(), {}, &list).ok());
    for (const admin::v1::Route& route : list.routes()) {
      if (route.name() == name) return route;
    }
    return {};
  }
  void AppendTo(const std::string& stream) {
    const grpc::Status status = AppendOrder(stream, R"({"total": 5})");
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  // Lines of all files in a folder of the outbox.
  std::vector<std::string> Lines(const std::string& folder) {
    std::vector<std::string> lines;
    const std::filesystem::path path = folder_ / "data/outbox/" + folder;
    if (!std::filesystem::exists(path)) return lines;
    std::set<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(path)) files.insert(file.path());
    for (const auto& file : files) {
      std::ifstream in(file);
      for (std::string line; std::getline(in, line);) lines.push_back(line);
    }
    return lines;
  }
  bool HasLines(const std::string& folder, size_t count) {
    return fake::Eventually([&] { return Lines(folder).size() == count; }, absl::Seconds(60));
  }
};

TEST_F(RoutesTest, HasTheTwoOfTheConfiguration) {
  EXPECT_TRUE(Find("critical").configured());
  EXPECT_EQ(Find("standard").status().state(), admin::v1::ROUTE_STATE_RUNNING);
}

TEST_F(RoutesTest, DeliversByADeclarationAtOnceAndAfterACrash) {
  AppendTo("pay-1");
  AppendTo("order-1");
  admin::v1::ApplyRouteResponse applied;
  ASSERT_TRUE(Apply(kPay, &applied).ok());
  EXPECT_EQ(applied.route().revision().size(), 64u);
  ASSERT_TRUE(HasLines("pay", 1)) << "what was there before, and what it matches";
  daemon_->Kill();
  StartDaemon();
  AppendTo("pay-2");
  // The first may come again: where it was is written down a moment after it was delivered.
  const auto has_second = [&] {
    const std::vector<std::string> lines = Lines("pay");
    return !lines.empty() && absl::StrContains(lines.back(), "pay-2");
  };
  EXPECT_TRUE(fake::Eventually(has_second, absl::Seconds(60)));
}

TEST_F(RoutesTest, SaysWhatIsWrongWithADeclaration) {
  const grpc::Status status = Apply(R"({"name": "x", "sink": {"kind": "jsonl"}, "formta": "raw"})");
  EXPECT_EQ(ReasonOf(status), "MALFORMED_REQUEST");
  EXPECT_THAT(status.error_message(), HasSubstr("/formta"));
  EXPECT_THAT(Apply(R"({"name": "x", "sink": {"kind": "carrier-pigeon"}})").error_message(),
              HasSubstr("/sink/kind"));
  EXPECT_THAT(Apply(R"({"name": "x", "sink": {"kind": "jsonl", "settings": {"folder": "../x"}}})")
                  .error_message(),
              HasSubstr("/sink/settings/folder"));
  EXPECT_THAT(Apply(R"({"name": "x", "sink": {"kind": "kafka", "settings": {"brokers": "a:1",
                        "properties": {"sasl.password": "secret"}}}})")
                  .error_message(),
              HasSubstr("property_files"));
}

TEST_F(RoutesTest, PausesResumesReplaysAndRemoves) {
  ASSERT_TRUE(Apply(kPay).ok());
  AppendTo("pay-1");
  ASSERT_TRUE(HasLines("pay", 1));
  admin::v1::PauseRouteRequest pause;
  pause.set_name("pay");
  admin::v1::Route route;
  ASSERT_TRUE(routes_->PauseRoute(Context().get(), pause, &route).ok());
  ASSERT_TRUE(fake::Eventually(
      [&] { return Find("pay").status().state() == admin::v1::ROUTE_STATE_PAUSED; }));
  AppendTo("pay-1");
  admin::v1::ResumeRouteRequest resume;
  resume.set_name("pay");
  EXPECT_THAT(Lines("pay"), SizeIs(1));
  ASSERT_TRUE(routes_->ResumeRoute(Context().get(), resume, &route).ok());
  ASSERT_TRUE(HasLines("pay", 2));
  admin::v1::ReplayRouteRequest replay;
  replay.set_name("pay");
  replay.set_from(1);
  ASSERT_TRUE(routes_->ReplayRoute(Context().get(), replay, &route).ok());
  ASSERT_TRUE(HasLines("pay", 4));
  ASSERT_TRUE(fake::Eventually([&] { return Find("pay").replays(0).ended(); }));
  EXPECT_EQ(Find("pay").replays(0).outcome(), "2 delivered, 0 dead-lettered");
  admin::v1::RemoveRouteRequest remove;
  remove.set_name("pay");
  ASSERT_TRUE(routes_->RemoveRoute(Context().get(), remove, &route).ok());
  EXPECT_EQ(Find("pay").name(), "");
  EXPECT_EQ(ReasonOf(routes_->RemoveRoute(Context().get(), remove, &route)), "NOT_FOUND");
}

TEST_F(RoutesTest, TellsWhereAnEventWouldGoAndWhy) {
  ASSERT_TRUE(Apply(kPay).ok());
  admin::v1::TestRouteRequest request;
  request.set_stream("pay-1");
  request.set_type("order.placed");
  request.mutable_routing()->set_business_impact(1);
  request.mutable_routing()->set_requires_ordering(true);
  admin::v1::TestRouteResponse answer;
  ASSERT_TRUE(routes_->TestRoute(Context().get(), request, &answer).ok());
  EXPECT_EQ(answer.path(), "critical");
  EXPECT_NEAR(answer.score(), 0.7, 1e-9);
  std::vector<std::string> matching;
  for (const auto& route : answer.routes()) {
    if (route.matches()) matching.push_back(route.route());
  }
  EXPECT_THAT(matching, ElementsAre("critical", "pay"));
}

TEST_F(RoutesTest, ComparesAChangeWithWhatIsStored) {
  for (const char* stream : {"pay-1", "pay-2", "order-1"}) AppendTo(stream);
  admin::v1::SimulateRoutesRequest request;
  request.add_declarations(kPay);
  request.set_classification(R"({"ordered_categories": {"order": "critical"}})");
  admin::v1::SimulateRoutesResponse answer;
  ASSERT_TRUE(routes_->SimulateRoutes(Context().get(), request, &answer).ok());
  EXPECT_EQ(answer.events(), 3u);
  EXPECT_EQ(answer.critical_before(), 0u);
  EXPECT_EQ(answer.critical_after(), 1u);
  for (const auto& route : answer.routes()) {
    if (route.name() == "pay") {
      EXPECT_EQ(route.gained(), 2u);
    }
    if (route.name() == "standard") {
      EXPECT_EQ(route.lost(), 1u);
    }
  }
  EXPECT_EQ(Find("pay").name(), "") << "nothing was changed";
}

TEST_F(RoutesTest, KeepsWhereEachEventLies) {
  ASSERT_TRUE(Apply(kPay).ok());
  AppendTo("pay-1");
  ASSERT_TRUE(HasLines("pay", 1));
  admin::v1::TraceEventRequest request;
  request.set_stream("pay-1");
  admin::v1::TraceEventResponse answer;
  const auto traced = [&] {
    answer.Clear();
    return routes_->TraceEvent(Context().get(), request, &answer).ok() &&
           answer.deliveries_size() == 2;
  };
  ASSERT_TRUE(fake::Eventually(traced, absl::Seconds(60)));
  EXPECT_EQ(answer.deliveries(0).route(), "pay");
  EXPECT_EQ(answer.deliveries(0).place(), "pay-000001.jsonl");
  EXPECT_EQ(answer.deliveries(0).number(), 0);
  EXPECT_EQ(answer.deliveries(1).route(), "standard");
  EXPECT_THAT(answer.dead_letters(), IsEmpty());
}

TEST_F(RoutesTest, AClassificationJudgesWhatFollowsIt) {
  admin::v1::ApplyClassificationRequest request;
  request.set_classification(R"({"ordered_categories": {"pay": "critical"}})");
  admin::v1::Classification answer;
  ASSERT_TRUE(routes_->ApplyClassification(Context().get(), request, &answer).ok());
  EXPECT_EQ(answer.version(), 1u);
  AppendTo("pay-1");
  ASSERT_TRUE(fake::Eventually([&] { return Find("critical").status().delivered() == 1; },
                               absl::Seconds(60)));
  daemon_->Kill();
  StartDaemon();
  ASSERT_TRUE(routes_->GetClassification(Context().get(), {}, &answer).ok());
  EXPECT_EQ(answer.version(), 1u);
}

}  // namespace
}  // namespace nexus::integration
