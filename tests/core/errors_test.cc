#include "nexus/core/errors.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

ErrorDetails Everything() {
  ErrorDetails details;
  details.reason = ErrorReason::kRevisionConflict;
  details.metadata = {{"stream", "order-1"}, {"", ""}, {"nul", std::string("a\0b", 3)}};
  details.violations = {{"field", "/pointer", "keyword", "expected", "actual", "message"}, {}};
  details.failed_expectations = {
      {"order-1", ExpectedRevision::Exactly(7), Revision(9)},
      {"order-2", ExpectedRevision::StreamExists(), std::nullopt},
      {"order-3", ExpectedRevision::NoStream(), Revision(0)},
  };
  details.denials = {{"append-only", "history is not rewritten"}};
  details.retry_after = absl::Milliseconds(250);
  return details;
}

TEST(Errors, TakeTheCodeFromTheReason) {
  EXPECT_EQ(MakeError(ErrorReason::kRevisionConflict, "m").code(), absl::StatusCode::kAborted);
  EXPECT_EQ(MakeError(ErrorReason::kDiskFull, "m").code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(MakeError(ErrorReason::kPolicyDenied, "m").message(), "m");
}

TEST(Errors, CarryTheirReason) {
  EXPECT_EQ(ReasonOf(MakeError(ErrorReason::kDraining, "m")), ErrorReason::kDraining);
}

TEST(Errors, CarryMetadata) {
  EXPECT_THAT(
      DetailsOf(MakeError("m", Everything())).metadata,
      ElementsAre(Pair("stream", "order-1"), Pair("", ""), Pair("nul", std::string("a\0b", 3))));
}

TEST(Errors, CarryViolations) {
  EXPECT_EQ(DetailsOf(MakeError("m", Everything())).violations, Everything().violations);
}

TEST(Errors, CarryFailedExpectations) {
  const auto failed = DetailsOf(MakeError("m", Everything())).failed_expectations;
  ASSERT_EQ(failed.size(), 3u);
  EXPECT_EQ(failed[0].stream, "order-1");
  EXPECT_EQ(failed[0].expected, ExpectedRevision::Exactly(7));
  EXPECT_EQ(failed[0].actual, Revision(9));
  EXPECT_EQ(failed[1].expected, ExpectedRevision::StreamExists());
  EXPECT_EQ(failed[1].actual, std::nullopt);
  EXPECT_EQ(failed[2].actual, Revision(0)) << "the first revision is not an absent stream";
}

TEST(Errors, CarryDenials) {
  EXPECT_EQ(DetailsOf(MakeError("m", Everything())).denials, Everything().denials);
}

TEST(Errors, CarryTheRetryDelay) {
  EXPECT_EQ(DetailsOf(MakeError("m", Everything())).retry_after, absl::Milliseconds(250));
  EXPECT_EQ(DetailsOf(MakeError(ErrorReason::kInternal, "m")).retry_after, std::nullopt);
}

TEST(Errors, CarryManyViolations) {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaViolation;
  details.violations.assign(5'000, {"f", "/p", "type", "integer", std::string(100, 'x'), "m"});
  EXPECT_EQ(DetailsOf(MakeError("m", details)).violations.size(), 5'000u);
}

TEST(Errors, KeepTheirDetailsWhenTheStatusIsCopied) {
  const absl::Status copy = MakeError("m", Everything());
  const absl::Status again = copy;
  EXPECT_EQ(ReasonOf(again), ErrorReason::kRevisionConflict);
}

TEST(Errors, FitAReasonToAForeignStatus) {
  EXPECT_EQ(ReasonOf(absl::InvalidArgumentError("")), ErrorReason::kMalformedRequest);
  EXPECT_EQ(ReasonOf(absl::NotFoundError("")), ErrorReason::kNotFound);
  EXPECT_EQ(ReasonOf(absl::DeadlineExceededError("")), ErrorReason::kDeadlineExceeded);
  EXPECT_EQ(ReasonOf(absl::CancelledError("")), ErrorReason::kCancelled);
  EXPECT_EQ(ReasonOf(absl::UnavailableError("")), ErrorReason::kNotReady);
  EXPECT_EQ(ReasonOf(absl::ResourceExhaustedError("")), ErrorReason::kOverloaded);
  EXPECT_EQ(ReasonOf(absl::DataLossError("")), ErrorReason::kDataLoss);
  EXPECT_EQ(ReasonOf(absl::UnimplementedError("")), ErrorReason::kUnimplemented);
  EXPECT_EQ(ReasonOf(absl::AbortedError("")), ErrorReason::kInternal);
  EXPECT_EQ(ReasonOf(absl::UnknownError("")), ErrorReason::kInternal);
}

TEST(Errors, FindNothingInAnOkStatus) {
  const ErrorDetails details = DetailsOf(absl::OkStatus());
  EXPECT_EQ(details.reason, ErrorReason::kUnspecified);
  EXPECT_THAT(details.violations, IsEmpty());
}

TEST(Errors, NameAnUnknownReasonUnspecified) {
  EXPECT_EQ(ReasonName(static_cast<ErrorReason>(12'345)), "UNSPECIFIED");
}

}  // namespace
}  // namespace nexus
