#include "http/guard/guard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "fake/counted_secrets.h"
#include "fake/manual_clock.h"
#include "fake/manual_executor.h"
#include "fake/recording_metrics.h"
#include "http/guard/route_access.h"
#include "http/standard_routes.h"
#include "identity/access/access_registry.h"
#include "nexus/core/errors.h"
#include "schema/faulty_log.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::http {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

class GuardTest : public ::testing::Test {
 protected:
  GuardTest() {
    EXPECT_TRUE(registry_.Load().ok());
    identity::LimitPlansOptions limits;
    limits.of_all.rates[static_cast<size_t>(identity::LimitKind::kRequests)] = {1, 2};
    plans_ = std::make_unique<identity::LimitPlans>(limits);
    limiter_ = std::make_unique<identity::RateLimiter>(identity::RateLimiterOptions(), *plans_,
                                                       clock_, metrics_);
  }

  static identity::TokenEntry Entry(const std::string& token, std::vector<std::string> roles) {
    identity::Principal principal;
    principal.name = token;
    principal.roles = std::move(roles);
    return {token, std::move(principal)};
  }
  std::vector<Route> Standard() {
    StandardRoutesOptions options;
    options.version = "1";
    return StandardRoutes(std::move(options), metrics_);
  }
  Guard MakeGuard() { return Guard({authenticator_, limiter_.get()}); }
  // The answer of `path` behind the guard.
  Response Ask(const std::string& path, const std::string& authorization,
               const std::string& query = "") {
    auto routes = MakeGuard().Around(Standard());
    EXPECT_TRUE(routes.ok()) << routes.status();
    Request request{path, query, "GET", "", {}};
    if (!authorization.empty()) request.headers["authorization"] = authorization;
    for (Route& route : *routes) {
      if (route.path == path) return route.answer(request);
    }
    ADD_FAILURE() << "no route " << path;
    return {};
  }

  fake::RecordingMetrics metrics_;
  fake::FaultyLog log_;
  schema::SimdJsonReader json_;
  fake::CountedSecrets secrets_;
  fake::ManualExecutor executor_;
  fake::ManualClock clock_;
  identity::AccessRegistry registry_{{log_, log_, json_, executor_, clock_, log_.ids(), secrets_}};
  const identity::TokenTable tokens_{
      {Entry("operator", {"operator"}), Entry("writer", {"writer"})}};
  const identity::Authenticator authenticator_{
      identity::AuthenticatorParts{tokens_, &registry_, nullptr, true}};
  std::unique_ptr<identity::LimitPlans> plans_;
  std::unique_ptr<identity::RateLimiter> limiter_;
};

TEST_F(GuardTest, ShowsMetricsToWhoMayReadTheStatusAndNobodyElse) {
  EXPECT_EQ(Ask("/metrics", "Bearer operator").status, 200);
  const Response forbidden = Ask("/metrics", "Bearer writer");
  EXPECT_EQ(forbidden.status, 403);
  EXPECT_THAT(forbidden.body, HasSubstr("ACCESS_DENIED"));
  const Response missing = Ask("/metrics", "");
  EXPECT_EQ(missing.status, 401);
  EXPECT_THAT(missing.headers, Contains(Pair("WWW-Authenticate", "Bearer")));
  const Response wrong = Ask("/metrics", "Bearer guessed");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_THAT(wrong.body, ::testing::Not(HasSubstr("guessed")));
}

TEST_F(GuardTest, AnswersProbesWithoutCredentialsAndTheirDetailsWithThemOnly) {
  EXPECT_EQ(Ask("/", "").status, 200);
  EXPECT_EQ(Ask("/health/live", "").status, 200);
  EXPECT_EQ(Ask("/health/ready", "").status, 200);
  EXPECT_EQ(Ask("/health/ready", "", "x=1&verbose").status, 401);
  EXPECT_EQ(Ask("/health/ready", "Bearer operator", "verbose").status, 200);
}

TEST_F(GuardTest, TakesATokenAsThePasswordOfBasic) {
  std::string pair;
  absl::Base64Escape("prometheus:operator", &pair);
  EXPECT_EQ(Ask("/metrics", absl::StrCat("Basic ", pair)).status, 200);
  EXPECT_EQ(Ask("/metrics", absl::StrCat("basic ", pair)).status, 200);
  EXPECT_EQ(Ask("/metrics", "Basic %%%").status, 401);
}

TEST_F(GuardTest, ChargesRequestsToWhoSendsThem) {
  EXPECT_EQ(Ask("/metrics", "Bearer operator").status, 200);
  EXPECT_EQ(Ask("/metrics", "Bearer operator").status, 200);
  const Response limited = Ask("/metrics", "Bearer operator");
  EXPECT_EQ(limited.status, 429);
  EXPECT_THAT(limited.headers, Contains(Pair("Retry-After", "1")));
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Ask("/metrics", "Bearer operator").status, 200);
}

TEST_F(GuardTest, ChargesWhoeverSaysNothingByAddress) {
  const identity::Authenticator open{
      identity::AuthenticatorParts{tokens_, &registry_, nullptr, false}};
  const Guard guard({open, limiter_.get()});
  const auto admit = [&guard](const std::string& host) {
    Request request{"/metrics", "", "GET", "", {}};
    request.host = host;
    return guard.Admit(request, identity::Operation::kStatusRead, OperationScope::kServer).status();
  };
  EXPECT_TRUE(admit("192.0.2.1").ok());
  EXPECT_TRUE(admit("192.0.2.1").ok());
  EXPECT_EQ(ReasonOf(admit("192.0.2.1")), ErrorReason::kRateLimited);
  EXPECT_TRUE(admit("192.0.2.2").ok());
}

TEST_F(GuardTest, TakesACertificate) {
  Request request{"/metrics", "", "GET", "", {}};
  request.certificate =
      std::make_shared<const tls::PeerNames>(tls::PeerNames{{"urn:scraper"}, {}, {}});
  const auto caller =
      MakeGuard().Admit(request, identity::Operation::kStatusRead, OperationScope::kServer);
  EXPECT_EQ(ReasonOf(caller.status()), ErrorReason::kAccessDenied);
  EXPECT_THAT(std::string(caller.status().message()), HasSubstr("urn:scraper"));
  request.headers["authorization"] = "Bearer operator";
  EXPECT_TRUE(
      MakeGuard().Admit(request, identity::Operation::kStatusRead, OperationScope::kServer).ok())
      << "a token goes before a certificate";
}

TEST_F(GuardTest, HasARowForEveryRouteAndRefusesOneWithout) {
  const auto routes = Standard();
  EXPECT_EQ(routes.size(), RouteAccessTable().size());
  std::vector<Route> more;
  more.push_back({"/new", [](const Request&) { return Response(); }});
  EXPECT_EQ(ReasonOf(MakeGuard().Around(std::move(more)).status()), ErrorReason::kInternal);
}

}  // namespace
}  // namespace nexus::http
