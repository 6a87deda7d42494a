#include "trace/tracer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/errors.h"

namespace nexus::trace {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class TracerTest : public engine::EngineFixture {
 protected:
  void SetUp() override {
    EngineFixture::SetUp();
    ASSERT_TRUE(RegisterSchema("noted", "{}").ok());
    tracer_ = std::make_unique<Tracer>(TracerParts{*engine_, log_, log_});
  }

  CommitReceipt Note(const std::string& stream, const std::string& correlation,
                     const std::string& causation = "", int events = 1) {
    engine::CommitDraft draft = Draft(stream, "noted", "{}");
    draft.streams[0].events[0].correlation_id = correlation;
    draft.streams[0].events[0].causation_id = causation;
    draft.streams[0].events.resize(events, draft.streams[0].events[0]);
    absl::StatusOr<CommitReceipt> receipt = AppendDraft(std::move(draft));
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    return receipt.ok() ? *receipt : CommitReceipt();
  }
  absl::StatusOr<Trace> Find(TraceQuery query, engine::Caller caller = {}) {
    absl::StatusOr<Trace> found = absl::UnknownError("not answered");
    tracer_->Find(std::move(query), std::move(caller),
                  [&](absl::StatusOr<Trace> trace) { found = std::move(trace); });
    executor_.RunAll();
    return found;
  }
  static std::vector<uint64_t> PositionsOf(const absl::StatusOr<Trace>& trace) {
    std::vector<uint64_t> positions;
    EXPECT_TRUE(trace.ok()) << trace.status();
    if (!trace.ok()) return positions;
    for (const TraceNode& node : trace->nodes) positions.push_back(node.position.value);
    return positions;
  }

  std::unique_ptr<Tracer> tracer_;
};

TEST_F(TracerTest, FindsACorrelationByAnyIdOfIt) {
  const CommitReceipt first = Note("order-1", "case-7", "", 3);
  const std::string caused = DeriveEventId(first.id, 1).ToString();
  const CommitReceipt second = Note("pay-1", "case-7", caused);
  Note("order-2", "case-8");
  const uint64_t p = first.first.value;
  const std::vector<uint64_t> all = {p, p + 1, second.last.value, p + 2};
  EXPECT_EQ(PositionsOf(Find({.id = "case-7"})), all);
  EXPECT_EQ(PositionsOf(Find({.id = first.id.ToString()})), all);
  EXPECT_EQ(PositionsOf(Find({.id = second.id.ToString()})), all);
  EXPECT_EQ(PositionsOf(Find({.id = caused})), all);
  EXPECT_EQ(PositionsOf(Find({.position = second.last})), all);
}

TEST_F(TracerTest, FindsWhatNobodyGaveACorrelation) {
  const CommitReceipt receipt = Note("order-1", "");
  EXPECT_THAT(PositionsOf(Find({.id = receipt.id.ToString()})), ElementsAre(receipt.last.value));
}

TEST_F(TracerTest, SaysIfThereIsMore) {
  Note("order-1", "case-7", "", 5);
  const absl::StatusOr<Trace> trace = Find({.id = "case-7", .events_max = 3});
  ASSERT_TRUE(trace.ok()) << trace.status();
  EXPECT_THAT(trace->nodes, SizeIs(3));
  EXPECT_TRUE(trace->more);
  EXPECT_FALSE(Find({.id = "case-7", .events_max = 5})->more);
}

TEST_F(TracerTest, RefusesWhatItCannotFind) {
  EXPECT_EQ(ReasonOf(Find({.id = "case-9"}).status()), ErrorReason::kNotFound);
  EXPECT_EQ(ReasonOf(Find({.id = "018f0000-0000-7000-8000-0000000000bb"}).status()),
            ErrorReason::kNotFound);
  EXPECT_EQ(ReasonOf(Find({}).status()), ErrorReason::kMalformedRequest);
  EXPECT_EQ(ReasonOf(Find({.id = "a", .position = Position(1)}).status()),
            ErrorReason::kMalformedRequest);
  EXPECT_EQ(ReasonOf(Find({.position = Position(10'000)}).status()),
            ErrorReason::kPositionBeyondHead);
  EXPECT_EQ(ReasonOf(Find({.id = std::string(1 << 20, 'x')}).status()),
            ErrorReason::kLimitExceeded);
}

}  // namespace
}  // namespace nexus::trace
