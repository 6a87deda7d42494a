#include "http/standard_routes.h"

#include <string>
#include <utility>
#include <vector>

#include "fake/recording_metrics.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "http/http_server.h"
#include "http/raw_connection.h"
#include "telemetry/prometheus/prometheus_registry.h"

namespace nexus::http {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class StandardRoutesTest : public ::testing::Test {
 protected:
  Response Ask(const std::string& path, const std::string& query = "") {
    StandardRoutesOptions options;
    options.version = "1.2.3";
    options.components = [this] { return components_; };
    options.refresh_metrics = [this] { ++refreshed_; };
    for (Route& route : StandardRoutes(std::move(options), metrics_)) {
      if (route.path == path) return route.answer({path, query, "GET", "", {}});
    }
    ADD_FAILURE() << "no route " << path;
    return {};
  }

  std::vector<Component> components_ = {{"log", true, "open"}, {"policy", true, "opa"}};
  int refreshed_ = 0;
  telemetry::PrometheusRegistry metrics_;
};

TEST_F(StandardRoutesTest, IsLiveWhateverTheComponentsSay) {
  components_[0].ok = false;
  EXPECT_EQ(Ask("/health/live").status, 200);
}

TEST_F(StandardRoutesTest, IsReadyWhenEveryComponentIs) {
  EXPECT_EQ(Ask("/health/ready").status, 200);
  EXPECT_EQ(Ask("/health/ready").body, "ready\n");
}

TEST_F(StandardRoutesTest, IsNotReadyWhenOneComponentIsNotAndSaysWhich) {
  components_[1] = {"policy", false, "opa does not answer"};
  EXPECT_EQ(Ask("/health/ready").status, 503);
  EXPECT_EQ(Ask("/health/ready").body, "not ready\npolicy\n");
}

TEST_F(StandardRoutesTest, TellsEachComponentWhenAsked) {
  components_[1] = {"policy", false, "opa says \"no\"\n\xFF"};
  components_.push_back({"quote\"", true, "a\\b\tc"});
  const Response response = Ask("/health/ready", "x=1&verbose");
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body,
            "{\"ready\":false,\"components\":[{\"name\":\"log\",\"ok\":true,\"detail\":\"open\"},"
            "{\"name\":\"policy\",\"ok\":false,\"detail\":\"opa says \\\"no\\\"\\n\xEF\xBF\xBD\"},"
            "{\"name\":\"quote\\\"\",\"ok\":true,\"detail\":\"a\\\\b\\tc\"}]}\n");
}

TEST_F(StandardRoutesTest, TakesOnlyTheWholeParameter) {
  EXPECT_EQ(Ask("/health/ready", "verbosely=1").body, "ready\n");
  EXPECT_THAT(Ask("/health/ready", "verbose=1").body, StartsWith("{"));
}

TEST_F(StandardRoutesTest, ShowsMetricsThatAreFresh) {
  metrics_.GetCounter("nexus_probe_total", "Probes.", {}).Add(3);
  const Response response = Ask("/metrics");
  EXPECT_EQ(refreshed_, 1);
  EXPECT_THAT(response.content_type, StartsWith("text/plain; version=0.0.4"));
  EXPECT_THAT(response.body, HasSubstr("nexus_probe_total 3\n"));
}

TEST_F(StandardRoutesTest, SaysWhatIsHere) {
  EXPECT_THAT(Ask("/").body, AllOf(StartsWith("nexusd 1.2.3\n"), HasSubstr("/metrics"),
                                   HasSubstr("/health/ready")));
}

TEST_F(StandardRoutesTest, WorksWithoutComponentsOrRefresh) {
  auto routes = StandardRoutes({}, metrics_);
  for (Route& route : routes)
    EXPECT_EQ(route.answer({route.path, "", "GET", "", {}}).status, 200) << route.path;
}

TEST_F(StandardRoutesTest, IsServedByTheRealServer) {
  HttpServerOptions options;
  options.address = "127.0.0.1:0";
  StandardRoutesOptions routes;
  routes.components = [] { return std::vector<Component>{{"log", false, "recovering"}}; };
  const auto server =
      HttpServer::Start(options, StandardRoutes(std::move(routes), metrics_), {}, metrics_);
  ASSERT_TRUE(server.ok()) << server.status();
  RawConnection connection((*server)->address());
  connection.Send("GET /health/ready?verbose HTTP/1.1\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(connection.ReadAll(),
              AllOf(StartsWith("HTTP/1.1 503 "), HasSubstr("Content-Type: application/json\r\n"),
                    EndsWith("\"detail\":\"recovering\"}]}\n")));
}

}  // namespace
}  // namespace nexus::http
