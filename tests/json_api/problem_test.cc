#include "json_api/problem.h"

#include "gtest/gtest.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::json_api {
namespace {

TEST(Problem, HasTheReasonAndWhatBelongsToIt) {
  ErrorDetails details;
  details.reason = ErrorReason::kCommandRejected;
  details.metadata = {{"rejection", "too \"late\""}};
  details.violations.emplace_back();
  details.violations[0].pointer = "/a";
  details.violations[0].message = "wrong";
  details.denials = {{"rule-1", "no"}};
  const http::Response response = ProblemOf(MakeError("not now", details));
  EXPECT_EQ(response.status, 422);
  EXPECT_EQ(response.content_type, "application/problem+json");
  schema::SimdJsonReader json;
  const auto at = [&](const char* pointer) {
    const auto found = json.ReadAt(response.body, pointer);
    return found.ok() ? found->text : found.status().ToString();
  };
  EXPECT_EQ(at("/reason"), "COMMAND_REJECTED");
  EXPECT_EQ(at("/detail"), "not now");
  EXPECT_EQ(at("/status"), "422");
  EXPECT_EQ(at("/metadata/rejection"), "too \"late\"");
  EXPECT_EQ(at("/violations/0/pointer"), "/a");
  EXPECT_EQ(at("/denials/0/rule"), "rule-1");
}

TEST(Problem, HasAStatusThatSaysWhoMustDoWhat) {
  EXPECT_EQ(HttpStatusOf(ErrorReason::kUnauthenticated), 401);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kPolicyDenied), 403);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kCommandNotDeclared), 404);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kRevisionConflict), 409);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kMalformedId), 400);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kOverloaded), 503);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kHandlerUnavailable), 503);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kDeadlineExceeded), 504);
  EXPECT_EQ(HttpStatusOf(ErrorReason::kDomainCodeFailed), 500);
}

}  // namespace
}  // namespace nexus::json_api
