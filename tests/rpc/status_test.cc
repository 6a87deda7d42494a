#include "rpc/status.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::rpc {
namespace {

using ::testing::HasSubstr;

template <typename Detail>
Detail Find(const google::rpc::Status& status) {
  Detail detail;
  for (const auto& any : status.details()) {
    if (any.Is<Detail>()) any.UnpackTo(&detail);
  }
  return detail;
}

TEST(StatusTest, LeavesOkAlone) { EXPECT_TRUE(ToGrpc(absl::OkStatus()).ok()); }

TEST(StatusTest, AlwaysNamesReasonAndDomain) {
  const auto info =
      Find<google::rpc::ErrorInfo>(ToRpcStatus(MakeError(ErrorReason::kDiskFull, "no space")));
  EXPECT_EQ(info.reason(), "DISK_FULL");
  EXPECT_EQ(info.domain(), "nexus");
}

TEST(StatusTest, ShowsAConflictAsAFailedPreconditionThatListsEveryExpectation) {
  ErrorDetails details;
  details.reason = ErrorReason::kRevisionConflict;
  details.failed_expectations = {{"order-1", ExpectedRevision::Exactly(4), Revision(7)},
                                 {"order-2", ExpectedRevision::StreamExists(), std::nullopt}};
  const google::rpc::Status status = ToRpcStatus(MakeError("conflict", details));
  EXPECT_EQ(status.code(), grpc::StatusCode::FAILED_PRECONDITION);
  const auto failure = Find<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(0).type(), "EXPECTED_REVISION");
  EXPECT_EQ(failure.violations(0).subject(), "order-1");
  EXPECT_EQ(failure.violations(0).description(), "expected=4 actual=7");
  EXPECT_EQ(failure.violations(1).description(), "expected=stream_exists actual=no_stream");
}

TEST(StatusTest, ShowsAFailedConditionAsAFailedPreconditionThatListsEveryOne) {
  ErrorDetails details;
  details.reason = ErrorReason::kAppendConditionFailed;
  details.failed_conditions = {{0, Position(12)}, {3, Position(40)}};
  const google::rpc::Status status = ToRpcStatus(MakeError("changed", details));
  EXPECT_EQ(status.code(), grpc::StatusCode::FAILED_PRECONDITION);
  const auto failure = Find<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(0).type(), "APPEND_CONDITION");
  EXPECT_EQ(failure.violations(0).subject(), "conditions[0]");
  EXPECT_EQ(failure.violations(1).subject(), "conditions[3]");
  EXPECT_EQ(failure.violations(1).description(), "position=40");
}

TEST(StatusTest, ShowsTakenEventIdsBeforeWhatElseFailed) {
  ErrorDetails details;
  details.reason = ErrorReason::kEventIdTaken;
  details.failed_expectations = {{"order-1", ExpectedRevision::NoStream(), Revision(7)}};
  EventId id;
  id.bytes[15] = 5;
  details.taken_event_ids = {{"order-1", id, Revision(7)}};
  const google::rpc::Status status = ToRpcStatus(MakeError("taken", details));
  EXPECT_EQ(status.code(), grpc::StatusCode::ALREADY_EXISTS);
  const auto failure = Find<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 2);
  EXPECT_EQ(failure.violations(0).type(), "EVENT_ID");
  EXPECT_EQ(failure.violations(0).subject(), "order-1");
  EXPECT_EQ(failure.violations(0).description(),
            "event_id=00000000-0000-0000-0000-000000000005 revision=7");
  EXPECT_EQ(failure.violations(1).type(), "EXPECTED_REVISION");
}

TEST(StatusTest, ShowsTheRuleOfADenial) {
  ErrorDetails details;
  details.reason = ErrorReason::kPolicyDenied;
  details.denials = {{"owner_required", "say who"}};
  const google::rpc::Status status = ToRpcStatus(MakeError("denied", details));
  EXPECT_EQ(status.code(), grpc::StatusCode::PERMISSION_DENIED);
  const auto failure = Find<google::rpc::PreconditionFailure>(status);
  ASSERT_EQ(failure.violations_size(), 1);
  EXPECT_EQ(failure.violations(0).type(), "POLICY");
  EXPECT_EQ(failure.violations(0).subject(), "owner_required");
}

TEST(StatusTest, PointsIntoTheDataForASchemaViolation) {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaViolation;
  details.violations = {{"streams[0].events[0].data", "/total", "minimum", "at least 0", "-1",
                         "the number is too small"}};
  const auto request = Find<google::rpc::BadRequest>(ToRpcStatus(MakeError("schema", details)));
  ASSERT_EQ(request.field_violations_size(), 1);
  EXPECT_EQ(request.field_violations(0).field(), "streams[0].events[0].data#/total");
  EXPECT_THAT(request.field_violations(0).description(), HasSubstr("minimum"));
  EXPECT_THAT(request.field_violations(0).description(), HasSubstr("-1"));
}

TEST(StatusTest, PointsIntoADeclarationToo) {
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedRequest;
  details.violations.resize(2);
  details.violations[0].field = "policy.yaml";
  details.violations[0].pointer = "/spec/folder";
  details.violations[0].message = "there is no file";
  details.violations[1].field = "stream";
  const auto request = Find<google::rpc::BadRequest>(ToRpcStatus(MakeError("wrong", details)));
  ASSERT_EQ(request.field_violations_size(), 2);
  EXPECT_EQ(request.field_violations(0).field(), "policy.yaml#/spec/folder");
  EXPECT_EQ(request.field_violations(0).description(), "there is no file");
  EXPECT_EQ(request.field_violations(1).field(), "stream");
}

TEST(StatusTest, CarriesTheRetryDelay) {
  ErrorDetails details;
  details.reason = ErrorReason::kOverloaded;
  details.retry_after = absl::Milliseconds(1'250);
  const auto retry = Find<google::rpc::RetryInfo>(ToRpcStatus(MakeError("full", details)));
  EXPECT_EQ(retry.retry_delay().seconds(), 1);
  EXPECT_EQ(retry.retry_delay().nanos(), 250'000'000);
}

TEST(StatusTest, FitsIntoTrailersHoweverMuchIsWrong) {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaViolation;
  for (int i = 0; i < 1'000; ++i) {
    details.violations.push_back({"streams[0].events[0].data", absl::StrCat("/", i), "type",
                                  std::string(2'000, 'e'), std::string(2'000, 'a'), "m"});
  }
  const google::rpc::Status status = ToRpcStatus(MakeError(std::string(50'000, 'x'), details));
  EXPECT_LT(status.ByteSizeLong(), 8'000u);
  const auto info = Find<google::rpc::ErrorInfo>(status);
  const auto shown = Find<google::rpc::BadRequest>(status).field_violations_size();
  EXPECT_GT(shown, 3);
  EXPECT_EQ(info.metadata().at("violations_left_out"), absl::StrCat(1'000 - shown));
}

TEST(StatusTest, NeverCutsACharacterInHalf) {
  std::string message(999, 'x');
  for (int i = 0; i < 10; ++i) message += "\xc3\xa4";
  const google::rpc::Status status = ToRpcStatus(MakeError(ErrorReason::kInternal, message));
  EXPECT_EQ(status.message(), std::string(999, 'x') + "...");
}

TEST(StatusTest, FillsTheErrorOfOnePipelinedCommit) {
  v1::AppendError error;
  FillAppendError(MakeError(ErrorReason::kIdReused, "other content"), error);
  EXPECT_EQ(error.code(), grpc::StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(error.reason(), "ID_REUSED");
  google::rpc::Status status;
  ASSERT_TRUE(status.ParseFromString(error.status()));
  EXPECT_EQ(status.code(), error.code());
}

}  // namespace
}  // namespace nexus::rpc
