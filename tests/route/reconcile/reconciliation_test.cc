// The walk over a log, a ledger and a broker that are lists.

#include "route/reconcile/reconciliation.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/manual_clock.h"
#include "fake/memory_checkpoints.h"
#include "fake/tiny_log.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "route/letter_events.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

class ListedLedger : public EgressLedger {
 public:
  absl::Status Save(absl::string_view, Position, const EgressBatch&) override {
    return absl::UnimplementedError("not needed here");
  }
  absl::StatusOr<std::vector<Egress>> Find(Position) override { return std::vector<Egress>(); }
  absl::Status Scan(absl::string_view reader, Position from, Position to, Visit visit) override {
    for (const Egress& one : rows) {
      if (one.reader != reader || one.row.position < from || one.row.position > to) continue;
      visit(one.place, one.row);
    }
    return absl::OkStatus();
  }
  uint64_t positions_kept() const override { return kept; }

  std::vector<Egress> rows;
  uint64_t kept = 1'000'000;
};

struct Held {
  BrokerRecord record;
  std::string stream;
};

class ListedBroker : public BrokerReader {
 public:
  ListedBroker(const std::vector<Held>& held, std::vector<BrokerPart>& asked)
      : held_(held), asked_(asked) {}

  absl::string_view Place() const override { return "topic"; }
  absl::StatusOr<std::vector<BrokerPart>> Parts(absl::Duration) override {
    return std::vector<BrokerPart>{{0, 0, static_cast<int64_t>(held_.size())}};
  }
  absl::Status Begin(const std::vector<BrokerPart>& parts) override {
    asked_ = parts;
    next_ = parts.empty() ? held_.size() : static_cast<size_t>(parts[0].first);
    return absl::OkStatus();
  }
  absl::StatusOr<bool> Read(absl::Duration, Take take) override {
    for (int i = 0; i < 3 && next_ < held_.size(); ++i, ++next_) {
      BrokerRecord record = held_[next_].record;
      record.stream = held_[next_].stream;
      take(record);
    }
    return next_ == held_.size();
  }

 private:
  const std::vector<Held>& held_;
  std::vector<BrokerPart>& asked_;
  size_t next_ = 0;
};

class ReconciliationTest : public ::testing::Test {
 protected:
  ReconciliationTest() {
    route_.declaration.name = "orders";
    route_.declaration.match.categories = {"order"};
  }
  // An event that was delivered, as the ledger says too.
  void Deliver(const std::string& stream) {
    const Position position = Append(stream);
    Record(position);
    ledger_.rows.push_back({"route/orders", "topic", RowOf(position)});
  }
  Position Append(const std::string& stream) {
    const Position position = log_.Append(stream);
    checkpoints_.Save("route/orders", position).IgnoreError();
    return position;
  }
  void Record(Position position) {
    const EventBatch page =
        *log_.ReadAll(position, Direction::kForward, PageLimits{.events_max = 1});
    const RecordedEvent& event = page.events[0];
    Held held;
    held.stream = std::string(event.stream);
    held.record.partition = 0;
    held.record.number = static_cast<int64_t>(held_.size());
    held.record.id = event.id;
    held.record.position = position;
    held.record.revision = event.revision;
    held_.push_back(held);
  }
  EgressRow RowOf(Position position) const {
    EgressRow row;
    row.position = position;
    row.partition = 0;
    row.number = static_cast<int64_t>(held_.size()) - 1;
    return row;
  }
  void Declare(const std::string& match, bool restart = false) {
    log_.Append(
        {.stream = "$routes",
         .type = "$route-declared",
         .data = absl::StrCat(R"({"route": {"name": "orders", "match": )", match,
                              R"(, "sink": {"kind": "kafka"}}, "revision": "x",)", R"("restart": )",
                              restart ? "true" : "false", R"(, "comment": ""})")});
  }
  void WriteLetter(Position position, LetterFate fate, const std::string& route = "orders") {
    const EventBatch page =
        *log_.ReadAll(position, Direction::kForward, PageLimits{.events_max = 1});
    DeadLetter letter;
    letter.route = route;
    letter.sink = "kafka";
    letter.event.event = &page.events[0];
    letter.fate = fate;
    log_.Append({.stream = std::string(kDeadLetterStream),
                 .type = std::string(kDeadLetterType),
                 .data = EncodeLetter(letter)});
  }
  Reconciliation Walk(ReconcileRange range = {}) {
    return Reconciliation({log_, json_, ledger_, checkpoints_, classifications_, clock_}, route_,
                          range, std::make_unique<ListedBroker>(held_, asked_));
  }
  ReconcileReport Compare(ReconcileRange range = {}) {
    Reconciliation walk = Walk(range);
    while (!walk.done()) {
      const absl::Status status = walk.Advance();
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) return {};
    }
    return walk.report();
  }

  fake::TinyLog log_;
  schema::SimdJsonReader json_;
  fake::MemoryCheckpoints checkpoints_;
  fake::ManualClock clock_;
  ClassificationHistory classifications_{CriticalityRules(), json_};
  ListedLedger ledger_;
  std::vector<Held> held_;
  std::vector<BrokerPart> asked_;
  RouteRecord route_;
};

TEST_F(ReconciliationTest, ComparesWhatTheRouteMatches) {
  for (int i = 0; i < 10; ++i) {
    Deliver(absl::StrCat("order-", i % 3));
    Append("invoice-1");
  }
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.events, 10u);
  EXPECT_EQ(report.found, 10u);
  EXPECT_EQ(report.faults(), 0u);
  EXPECT_EQ(asked_, (std::vector<BrokerPart>{{0, 0, 10}}));
}

TEST_F(ReconciliationTest, FindsWhatIsNotThere) {
  Deliver("order-1");
  Append("order-1");
  Deliver("order-1");
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.count(FindingKind::kMissing), 1u);
  ASSERT_THAT(report.examples, SizeIs(1));
  EXPECT_EQ(report.examples[0].position, Position(2));
}

TEST_F(ReconciliationTest, WaitsForWhatIsBehindTheCheckpoint) {
  Deliver("order-1");
  log_.Append("order-1");
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.pending, 1u);
  EXPECT_EQ(report.faults(), 0u);
}

TEST_F(ReconciliationTest, KnowsDeadLettersAndWhatWaitsBehindThem) {
  Deliver("order-1");
  WriteLetter(Append("order-1"), LetterFate::kParked);
  Append("order-1");
  WriteLetter(Append("order-2"), LetterFate::kPassed);
  Deliver("order-2");
  WriteLetter(Append("order-3"), LetterFate::kSkipped);
  WriteLetter(Append("order-4"), LetterFate::kParked, "another");
  checkpoints_.Save("route/orders", log_.Head()).IgnoreError();
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.held_back, 3u);
  EXPECT_EQ(report.given_up, 1u);
  EXPECT_EQ(report.count(FindingKind::kMissing), 1u) << "order-4 is no letter of this route";
}

TEST_F(ReconciliationTest, ASkippedLetterLetsItsStreamGoOn) {
  WriteLetter(Append("order-1"), LetterFate::kParked);
  const LetterAction skip{.kind = LetterAction::Kind::kSkipped, .letter = 0};
  log_.Append({.stream = std::string(kDeadLetterStream),
               .type = std::string(TypeOf(skip.kind)),
               .data = EncodeLetterAction(skip)});
  Append("order-1");
  checkpoints_.Save("route/orders", log_.Head()).IgnoreError();
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.given_up, 1u);
  EXPECT_EQ(report.held_back, 1u) << "it catches up";
}

TEST_F(ReconciliationTest, DoesNotJudgeWhatAnEarlierDeclarationMatched) {
  Declare(R"({"categories": ["invoice"]})");
  Append("order-1");
  Declare(R"({"categories": ["order"]})");
  Append("order-1");
  ReconcileReport report = Compare();
  EXPECT_EQ(report.unknown, 1u);
  EXPECT_EQ(report.count(FindingKind::kMissing), 1u);
  // Begun anew, it owes all.
  Declare(R"({"categories": ["order"]})", true);
  report = Compare();
  EXPECT_EQ(report.unknown, 0u);
  EXPECT_EQ(report.count(FindingKind::kMissing), 2u);
}

TEST_F(ReconciliationTest, KnowsWhereARouteBegan) {
  Append("order-1");
  Append("order-1");
  Declare(R"({"categories": ["order"]})");
  Append("order-1");
  route_.declaration.start = {StartAt::From::kPosition, Position(2), {}};
  EXPECT_EQ(Compare().unknown, 1u);
  route_.declaration.start = {StartAt::From::kNow, {}, {}};
  EXPECT_EQ(Compare().unknown, 2u);
}

TEST_F(ReconciliationTest, DoesNotJudgeWhatTheLedgerHasForgotten) {
  for (int i = 0; i < 10; ++i) Append("order-1");
  ledger_.kept = 4;
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.unknown, 5u);
  EXPECT_EQ(report.count(FindingKind::kMissing), 5u);
}

TEST_F(ReconciliationTest, HoldsTheLedgerToItsWordForWhatIsNoLongerMatched) {
  Deliver("invoice-1");
  held_.clear();
  const ReconcileReport report = Compare();
  EXPECT_EQ(report.events, 1u);
  EXPECT_EQ(report.count(FindingKind::kMissing), 1u);
}

TEST_F(ReconciliationTest, ReadsOfTheBrokerWhatARangeNeeds) {
  for (int i = 0; i < 40'000; ++i) Deliver("order-1");
  ReconcileReport report = Compare({.from = Position(30'001), .to = Position(35'000)});
  EXPECT_EQ(report.events, 5'000u);
  EXPECT_EQ(report.faults(), 0u);
  EXPECT_EQ(asked_, (std::vector<BrokerPart>{{0, 10'000, 40'000}}));
  EXPECT_EQ(report.outside, 25'000u);
}

TEST_F(ReconciliationTest, RefusesARangeThatCannotBe) {
  for (int i = 0; i < 10; ++i) Deliver("order-1");
  EXPECT_EQ(ReasonOf(Walk({.to = Position(11)}).Advance()), ErrorReason::kPositionBeyondHead);
  EXPECT_EQ(ReasonOf(Walk({.from = Position(9), .to = Position(7)}).Advance()),
            ErrorReason::kMalformedRequest);
  for (int i = 0; i < 5; ++i) Append("order-1");
  EXPECT_TRUE(Walk({.from = Position(1), .to = Position(15)}).Advance().ok());
}

TEST_F(ReconciliationTest, EndsWhenItsTimeIsOver) {
  for (int i = 0; i < 10; ++i) Deliver("order-1");
  Reconciliation walk = Walk({.limit = absl::Seconds(30)});
  ASSERT_TRUE(walk.Advance().ok());
  clock_.Advance(absl::Seconds(31));
  const absl::Status late = walk.Advance();
  EXPECT_EQ(ReasonOf(late), ErrorReason::kDeadlineExceeded);
  EXPECT_THAT(std::string(late.message()), HasSubstr("smaller range"));
  EXPECT_FALSE(walk.done());
}

}  // namespace
}  // namespace nexus::route
