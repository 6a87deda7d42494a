#include "nexus/core/trace_context.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "fake/sequential_ids.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

TEST(TraceContext, PrintsWhatItWasParsedFrom) {
  const auto context = TraceContext::Parse(kParent, "a=1,b@c=2");
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(context->Traceparent(), kParent);
  EXPECT_EQ(context->tracestate, "a=1,b@c=2");
}

TEST(TraceContext, ShowsItsIds) {
  const auto context = TraceContext::Parse(kParent, "");
  EXPECT_EQ(context->TraceIdText(), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_EQ(context->SpanIdText(), "b7ad6b7169203331");
}

TEST(TraceContext, HonoursTheSampledFlagAndNoOther) {
  const std::string ids = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-";
  EXPECT_TRUE(TraceContext::Parse(ids + "01", "")->sampled);
  EXPECT_FALSE(TraceContext::Parse(ids + "00", "")->sampled);
  EXPECT_FALSE(TraceContext::Parse(ids + "fe", "")->sampled);
  EXPECT_EQ(TraceContext::Parse(ids + "ff", "")->Traceparent(), ids + "01");
}

TEST(TraceContext, ReadsANewerVersionAsItsOwn) {
  const auto context = TraceContext::Parse(
      "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future-holds", "");
  ASSERT_TRUE(context.ok());
  EXPECT_EQ(context->Traceparent(), kParent);
}

TEST(TraceContext, MakesAChildOfTheSameTrace) {
  fake::SequentialIds ids;
  const auto parent = TraceContext::Parse(kParent, "a=1");
  const TraceContext child = parent->Child(ids);
  EXPECT_EQ(child.trace_id, parent->trace_id);
  EXPECT_NE(child.span_id, parent->span_id);
  EXPECT_EQ(child.tracestate, "a=1");
  EXPECT_TRUE(child.sampled);
}

TEST(TraceContext, StartsTracesThatCanBeParsed) {
  fake::SequentialIds ids;
  const TraceContext started = TraceContext::Start(ids, true);
  EXPECT_EQ(*TraceContext::Parse(started.Traceparent(), ""), started);
  EXPECT_NE(TraceContext::Start(ids, true).trace_id, started.trace_id);
}

// Gives zeros first: ids of zeros must not come out.
class ZerosFirst : public IdSource {
 public:
  UuidBytes NewUuid() override { return {}; }
  uint64_t Random() override { return calls_++ < 3 ? 0 : 7; }

 private:
  int calls_ = 0;
};

TEST(TraceContext, NeverMakesAnIdOfZeros) {
  ZerosFirst ids;
  EXPECT_TRUE(CheckTraceparent(TraceContext::Start(ids, false).Traceparent()).ok());
}

class MalformedTraceparents : public ::testing::TestWithParam<std::string> {};

TEST_P(MalformedTraceparents, AreRefused) {
  const absl::Status status = CheckTraceparent(GetParam());
  EXPECT_EQ(ReasonOf(status), ErrorReason::kMalformedRequest) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    TraceContext, MalformedTraceparents,
    ::testing::Values("", "00", "garbage",
                      // zero trace id, zero span id
                      "00-00000000000000000000000000000000-b7ad6b7169203331-01",
                      "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
                      // upper case
                      "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
                      // forbidden version, no hexadecimal version
                      "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      "0x-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
                      // too short, too long, wrong separator
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0",
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-",
                      "cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01x",
                      "00-0af7651916cd43dd8448eb211c80319c_b7ad6b7169203331-01",
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333g-01",
                      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0g",
                      std::string(100'000, '0')));

TEST(Tracestate, MayBeEmptyOrHaveEmptyMembers) {
  EXPECT_TRUE(CheckTracestate("").ok());
  EXPECT_TRUE(CheckTracestate("a=1,, b=2 ,").ok());
}

TEST(Tracestate, MayHaveSpacesInsideAValue) { EXPECT_TRUE(CheckTracestate("a=x y").ok()); }

TEST(Tracestate, TakesAtMost512Bytes) {
  const std::string fits = absl::StrCat("a=", std::string(253, 'x'), ",b=", std::string(254, 'x'));
  ASSERT_EQ(fits.size(), 512u);
  EXPECT_TRUE(CheckTracestate(fits).ok());
  EXPECT_FALSE(CheckTracestate(fits + ",").ok());
}

TEST(Tracestate, TakesAtMost32Members) {
  std::vector<std::string> members;
  for (int i = 0; i < 32; ++i) members.push_back(absl::StrCat("k", i, "=1"));
  EXPECT_TRUE(CheckTracestate(absl::StrJoin(members, ",")).ok());
  members.push_back("k32=1");
  EXPECT_FALSE(CheckTracestate(absl::StrJoin(members, ",")).ok());
}

TEST(Tracestate, RefusesMalformedMembers) {
  for (const char* bad :
       {"a", "=1", "a=", "A=1", "a b=1", "a=1=2", "a=\x01", "a=\xC3\xBC", "@=1", "a=1,b"}) {
    EXPECT_EQ(ReasonOf(CheckTracestate(bad)), ErrorReason::kMalformedRequest) << bad;
  }
}

TEST(Tracestate, RefusesARepeatedMember) { EXPECT_FALSE(CheckTracestate("a=1,b=2,a=3").ok()); }

TEST(TraceContext, RefusesABadStateWithAGoodParent) {
  EXPECT_FALSE(TraceContext::Parse(kParent, "bad").ok());
}

}  // namespace
}  // namespace nexus
