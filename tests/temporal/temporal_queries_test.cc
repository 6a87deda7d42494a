#include "temporal/temporal_queries.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "command/command_fixture.h"
#include "gmock/gmock.h"
#include "nexus/core/audit_streams.h"
#include "nexus/core/errors.h"
#include "nexus/core/system_secrets.h"
#include "snapshot/fold_digest.h"
#include "snapshot/snapshot_finder.h"
#include "snapshot/snapshot_metrics.h"
#include "storage/memory/memory_snapshot_store.h"

namespace nexus::temporal {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

class KeptRecords : public AuditLedger {
 public:
  std::string Deny(const DenialKey&, absl::FunctionRef<Denial()>) override { return "denied"; }
  void Record(AuditRecord record) override {
    absl::MutexLock lock(&mutex_);
    records_.push_back(std::move(record));
  }
  bool Flush() override { return true; }
  std::optional<std::string> PendingDenial(absl::string_view) override { return std::nullopt; }

  std::vector<AuditRecord> OfQueries() {
    absl::MutexLock lock(&mutex_);
    std::vector<AuditRecord> out;
    for (const AuditRecord& record : records_) {
      if (record.type == kTemporalQueryType) out.push_back(record);
    }
    return out;
  }

 private:
  absl::Mutex mutex_;
  std::vector<AuditRecord> records_ ABSL_GUARDED_BY(mutex_);
};

class TemporalQueriesTest : public command::CommandFixture {
 protected:
  void SetUp() override {
    CommandFixture::SetUp();
    ASSERT_TRUE(RegisterSchema("Noted", "{}").ok());
    StartQueries({});
  }
  void TearDown() override {
    queries_.reset();
    CommandFixture::TearDown();
  }
  AuditLedger* Ledger() override { return &records_; }

  void StartQueries(const TemporalWorkerOptions& options) {
    queries_.reset();
    queries_ = std::make_unique<TemporalQueries>(TemporalQueriesParts{*engine_,
                                                                      log_,
                                                                      *scripts_,
                                                                      json_,
                                                                      secrets_,
                                                                      [this] { return Domains(); },
                                                                      {&finder_, &digests_}},
                                                 options);
  }
  std::shared_ptr<const domain::DomainState> Domains() {
    absl::MutexLock lock(&domains_mutex_);
    return domains_;
  }
  // Of the event that the stream has at `revision`, with a state that no events make.
  void KeepSnapshot(uint64_t revision, const std::string& state) {
    const auto page = log_.ReadStream(StreamName::Literal("account-1"), Revision(revision),
                                      Direction::kForward, {.events_max = 1});
    ASSERT_TRUE(page.ok()) << page.status();
    const RecordedEvent& event = page->events.front();
    Snapshot snapshot;
    snapshot.info = {.stream = "account-1",
                     .revision = event.revision,
                     .position = event.position,
                     .event_id = event.id,
                     .recorded = event.recorded,
                     .events = revision + 1,
                     .made = event.recorded,
                     .aggregate = "account",
                     .code_digest = digests_.Of(*Domains()->FindAggregate("account"))};
    snapshot.state = state;
    ASSERT_TRUE(snapshots_.Put(snapshot).ok());
  }
  // Each a second after the one before.
  void Deposit(int amount) {
    clock_.Advance(absl::Seconds(1));
    ASSERT_TRUE(
        AppendBeside("account-1", "Deposited", absl::StrCat("{\"amount\":", amount, "}")).ok());
  }
  void Note(const std::string& data, absl::Duration later = absl::Seconds(1)) {
    clock_.Advance(later);
    ASSERT_TRUE(AppendBeside("note-1", "Noted", data).ok());
  }

  absl::StatusOr<PastAnswer> Ask(PastQuery query, engine::Caller caller = {}) {
    absl::Notification answered;
    absl::StatusOr<PastAnswer> answer;
    queries_->Ask(std::move(query), std::move(caller), [&](absl::StatusOr<PastAnswer> given) {
      answer = std::move(given);
      answered.Notify();
    });
    while (!answered.WaitForNotificationWithTimeout(absl::Milliseconds(1))) executor_.RunAll();
    return answer;
  }
  static PastQuery StateOf(std::string stream, PastPoint point = {}) {
    PastQuery query;
    query.stream = std::move(stream);
    query.to = point;
    return query;
  }
  static PastQuery Between(QueryKind kind, std::string stream, std::optional<PastPoint> from,
                           PastPoint to = {}) {
    PastQuery query = StateOf(std::move(stream), to);
    query.kind = kind;
    query.from = from;
    return query;
  }
  std::string State(std::string stream, PastPoint point = {}) {
    const absl::StatusOr<PastAnswer> answer = Ask(StateOf(std::move(stream), point));
    return answer.ok() ? answer->state : std::string(ReasonName(ReasonOf(answer.status())));
  }
  // All pages of it, and how many there were.
  std::pair<PastAnswer, int> AskToTheEnd(PastQuery query) {
    PastAnswer whole;
    for (int pages = 1;; ++pages) {
      absl::StatusOr<PastAnswer> answer = Ask(query);
      EXPECT_TRUE(answer.ok()) << answer.status();
      if (!answer.ok()) return {whole, pages};
      std::vector<FieldValue> values = std::move(whole.values);
      for (FieldValue& value : answer->values) values.push_back(std::move(value));
      whole = *std::move(answer);
      whole.values = std::move(values);
      if (whole.continuation.empty()) return {std::move(whole), pages};
      query.continuation = whole.continuation;
    }
  }

  SystemSecrets secrets_;
  storage::MemorySnapshotStore snapshots_;
  snapshot::SnapshotMetrics snapshot_metrics_{metrics_};
  snapshot::SnapshotFinder finder_{{snapshots_, log_, clock_, snapshot_metrics_}};
  snapshot::FoldDigests digests_{{[this] { return Domains(); }, [] { return uint64_t{1}; },
                                  [](absl::string_view) { return 1u; }}};
  KeptRecords records_;
  std::unique_ptr<TemporalQueries> queries_;
};

TEST_F(TemporalQueriesTest, GivesTheStateThatAnAggregatesCodeFolds) {
  for (const int amount : {1, 2, 3}) Deposit(amount);
  const absl::StatusOr<PastAnswer> answer = Ask(StateOf("account-1", PastPoint::At(Revision(1))));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->state, R"({"balance":3,"events":2})");
  EXPECT_EQ(answer->fold.aggregate, "account");
  EXPECT_EQ(answer->fold.events_read, 2u);
  EXPECT_EQ(answer->last->revision, Revision(1));
  EXPECT_THAT(answer->continuation, IsEmpty());
}

TEST_F(TemporalQueriesTest, CountsWhatWasRecordedAtTheMomentOrBefore) {
  for (const int amount : {1, 2, 3}) Deposit(amount);
  const Timestamp third = clock_.Now();
  EXPECT_EQ(State("account-1", PastPoint::At(third)), R"({"balance":6,"events":3})");
  EXPECT_EQ(State("account-1", PastPoint::At(Timestamp{third.micros - 1})),
            R"({"balance":3,"events":2})");
  EXPECT_EQ(State("account-1", PastPoint::At(Timestamp{0})), R"({"balance":0,"events":0})");
  EXPECT_EQ(State("account-1"), R"({"balance":6,"events":3})");
}

TEST_F(TemporalQueriesTest, APointOfThePastStaysWhatItWas) {
  Deposit(1);
  const absl::StatusOr<PastAnswer> answer = Ask(StateOf("account-1"));
  ASSERT_TRUE(answer.ok());
  Deposit(2);
  EXPECT_EQ(State("account-1", PastPoint::At(answer->position)), answer->state);
}

TEST_F(TemporalQueriesTest, MergesTheDataWhereNoAggregateIsDeclared) {
  Note(R"({"title":"a","tags":{"x":1}})");
  Note(R"({"tags":{"x":null,"y":2}})");
  Note("[1]");
  const absl::StatusOr<PastAnswer> answer = Ask(StateOf("note-1"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->state, R"({"tags":{"y":2},"title":"a"})");
  EXPECT_THAT(answer->fold.aggregate, IsEmpty());
  EXPECT_EQ(answer->fold.events_left_out, 1u);
}

TEST_F(TemporalQueriesTest, MergesForAnAggregateIfThatIsAskedFor) {
  Deposit(1);
  Deposit(2);
  PastQuery query = StateOf("account-1");
  query.merge_patch = true;
  EXPECT_EQ(Ask(query)->state, R"({"amount":2})");
}

TEST_F(TemporalQueriesTest, RefusesPointsThatAreNotThere) {
  Deposit(1);
  EXPECT_EQ(State("account-2"), "STREAM_NOT_FOUND");
  EXPECT_EQ(State("not a name\n"), "MALFORMED_NAME");
  EXPECT_EQ(State("account-1", PastPoint::At(Revision(1))), "POSITION_BEYOND_HEAD");
  EXPECT_EQ(State("account-1", PastPoint::At(Position(1'000))), "POSITION_BEYOND_HEAD");
  EXPECT_EQ(State("account-1", PastPoint::At(Timestamp{clock_.Now().micros + 1})),
            "MALFORMED_REQUEST");
}

TEST_F(TemporalQueriesTest, GoesOnWhereTheLimitOfACallWas) {
  StartQueries({.events_max = 3});
  for (int i = 1; i <= 10; ++i) Deposit(i);
  const auto [answer, pages] = AskToTheEnd(StateOf("account-1"));
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(answer.state, R"({"balance":55,"events":10})");
}

TEST_F(TemporalQueriesTest, PagesAgreeOnTheirEnd) {
  StartQueries({.events_max = 2});
  for (int i = 1; i <= 3; ++i) Deposit(i);
  PastQuery query = StateOf("account-1");
  const absl::StatusOr<PastAnswer> first = Ask(query);
  ASSERT_TRUE(first.ok());
  EXPECT_THAT(first->state, IsEmpty());
  Deposit(100);
  query.continuation = first->continuation;
  EXPECT_EQ(Ask(query)->state, R"({"balance":6,"events":3})");
}

TEST_F(TemporalQueriesTest, AContinuationBelongsToItsQueryItsClientAndItsCode) {
  StartQueries({.events_max = 1});
  Deposit(1);
  Deposit(2);
  PastQuery query = StateOf("account-1", PastPoint::At(Revision(1)));
  query.continuation = Ask(query)->continuation;
  const auto refusal = [this](const PastQuery& asked, engine::Caller caller = {}) {
    return ReasonOf(Ask(asked, std::move(caller)).status());
  };
  PastQuery other = query;
  other.to = PastPoint::At(Revision(0));
  EXPECT_EQ(refusal(other), ErrorReason::kMalformedPageToken);
  engine::Caller bob;
  bob.principal.name = "bob";
  EXPECT_EQ(refusal(query, bob), ErrorReason::kMalformedPageToken);
  EXPECT_TRUE(Ask(query).ok());
  Declare(std::string(command::kAccountScript) + "// another\n");
  EXPECT_EQ(refusal(query), ErrorReason::kMalformedPageToken);
}

TEST_F(TemporalQueriesTest, ACallEndsWhereItsSpanOfTimeEnds) {
  StartQueries({.span_max = absl::Hours(48)});
  for (int i = 1; i <= 6; ++i) Note(absl::StrCat("{\"n\":", i, "}"), absl::Hours(24));
  const auto [answer, pages] = AskToTheEnd(StateOf("note-1"));
  EXPECT_EQ(pages, 2);
  EXPECT_EQ(answer.state, R"({"n":6})");
}

TEST_F(TemporalQueriesTest, BeginsWithTheNearestSnapshotOfTheSameCode) {
  for (int i = 1; i <= 8; ++i) Deposit(i);
  KeepSnapshot(3, R"({"balance":1000,"events":4})");
  const absl::StatusOr<PastAnswer> answer = Ask(StateOf("account-1", PastPoint::At(Revision(5))));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->state, R"({"balance":1011,"events":6})");
  EXPECT_EQ(answer->fold.snapshot_revision, Revision(3));
  EXPECT_EQ(answer->fold.events_read, 2u);
  // It lies behind the point, or was made by other code, or the data are to be merged.
  EXPECT_EQ(State("account-1", PastPoint::At(Revision(2))), R"({"balance":6,"events":3})");
  PastQuery merged = StateOf("account-1");
  merged.merge_patch = true;
  EXPECT_EQ(Ask(merged)->state, R"({"amount":8})");
  Declare(std::string(command::kAccountScript) + "// another\n");
  EXPECT_EQ(State("account-1", PastPoint::At(Revision(5))), R"({"balance":21,"events":6})");
}

TEST_F(TemporalQueriesTest, ASnapshotThatTheCodeCannotReadIsPassedOver) {
  for (int i = 1; i <= 3; ++i) Deposit(i);
  KeepSnapshot(1, "{no JSON");
  EXPECT_EQ(State("account-1"), R"({"balance":6,"events":3})");
}

TEST_F(TemporalQueriesTest, ADiffBeginsWithASnapshotBeforeItsFirstPoint) {
  for (int i = 1; i <= 8; ++i) Deposit(i);
  KeepSnapshot(6, R"({"balance":1000,"events":7})");
  KeepSnapshot(2, R"({"balance":500,"events":3})");
  const absl::StatusOr<PastAnswer> answer =
      Ask(Between(QueryKind::kDiff, "account-1", PastPoint::At(Revision(3))));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->fold.snapshot_revision, Revision(2));
  EXPECT_THAT(answer->changes, Contains(FieldChange{"/balance", "504", "530"}));
}

TEST_F(TemporalQueriesTest, TellsWhatDiffersBetweenTwoPoints) {
  Note(R"({"a":1,"b":{"c":1}})");
  Note(R"({"b":{"c":2}})");
  Note(R"({"a":null,"d":[1]})");
  const absl::StatusOr<PastAnswer> answer =
      Ask(Between(QueryKind::kDiff, "note-1", PastPoint::At(Revision(0))));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_THAT(answer->changes,
              ElementsAre(FieldChange{"/a", "1", std::nullopt}, FieldChange{"/b/c", "1", "2"},
                          FieldChange{"/d", std::nullopt, "[1]"}));
  EXPECT_EQ(answer->events_between, 2u);
  EXPECT_EQ(answer->from->revision, Revision(0));
  EXPECT_EQ(answer->last->revision, Revision(2));
}

TEST_F(TemporalQueriesTest, ADiffInPagesIsTheSame) {
  for (int i = 1; i <= 7; ++i) Deposit(i);
  const PastQuery query = Between(QueryKind::kDiff, "account-1", PastPoint::At(Revision(3)));
  const absl::StatusOr<PastAnswer> whole = Ask(query);
  ASSERT_TRUE(whole.ok());
  StartQueries({.events_max = 2});
  const auto [answer, pages] = AskToTheEnd(query);
  EXPECT_EQ(pages, 4);
  EXPECT_EQ(answer.changes, whole->changes);
  EXPECT_EQ(answer.events_between, 3u);
  EXPECT_THAT(answer.changes,
              ElementsAre(FieldChange{"/balance", "10", "28"}, FieldChange{"/events", "4", "7"}));
}

TEST_F(TemporalQueriesTest, RefusesPointsThatAreTooFarApartOrTheWrongWayRound) {
  Note("{}");
  Note("{}", absl::Hours(24 * 91));
  const auto refusal = [this](QueryKind kind, std::optional<PastPoint> from, PastPoint to) {
    return ReasonOf(Ask(Between(kind, "note-1", from, to)).status());
  };
  EXPECT_EQ(refusal(QueryKind::kDiff, PastPoint::At(Revision(0)), {}), ErrorReason::kLimitExceeded);
  EXPECT_EQ(refusal(QueryKind::kFieldHistory, std::nullopt, {}), ErrorReason::kLimitExceeded);
  EXPECT_EQ(refusal(QueryKind::kDiff, PastPoint::At(Revision(1)), PastPoint::At(Revision(0))),
            ErrorReason::kMalformedRequest);
  EXPECT_EQ(refusal(QueryKind::kDiff, std::nullopt, {}), ErrorReason::kMalformedRequest);
  EXPECT_EQ(State("note-1", PastPoint::At(Revision(1))), "");  // a span ends: there is more
}

TEST_F(TemporalQueriesTest, TellsEachValueThatAFieldHad) {
  for (const char* data :
       {R"({"s":"new"})", R"({"other":1})", R"({"s":"paid"})", R"({"s":null})"}) {
    Note(data);
  }
  PastQuery query = Between(QueryKind::kFieldHistory, "note-1", std::nullopt);
  query.pointer = "/s";
  const absl::StatusOr<PastAnswer> answer = Ask(query);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_THAT(answer->values, SizeIs(3));
  EXPECT_EQ(answer->values[0].value, "\"new\"");
  EXPECT_EQ(answer->values[0].event->revision, Revision(0));
  EXPECT_EQ(answer->values[1].value, "\"paid\"");
  EXPECT_EQ(answer->values[1].event->revision, Revision(2));
  EXPECT_EQ(answer->values[1].type, "Noted");
  EXPECT_EQ(answer->values[2].value, std::nullopt);
}

TEST_F(TemporalQueriesTest, AHistoryFromAPointBeginsWithTheValueThere) {
  for (int i = 1; i <= 6; ++i) Deposit(i);
  PastQuery query = Between(QueryKind::kFieldHistory, "account-1", PastPoint::At(Revision(2)),
                            PastPoint::At(Revision(4)));
  query.pointer = "/balance";
  StartQueries({.events_max = 2});
  const auto [answer, pages] = AskToTheEnd(query);
  EXPECT_EQ(pages, 3);
  ASSERT_THAT(answer.values, SizeIs(3));
  EXPECT_EQ(answer.values[0].event, std::nullopt);
  EXPECT_EQ(answer.values[0].value, "6");
  EXPECT_EQ(answer.values[2].value, "15");
}

TEST_F(TemporalQueriesTest, RefusesAPointerThatIsNone) {
  Deposit(1);
  PastQuery query = Between(QueryKind::kFieldHistory, "account-1", std::nullopt);
  for (const char* pointer : {"balance", "/a~2", "/\xff"}) {
    query.pointer = pointer;
    EXPECT_FALSE(Ask(query).ok()) << pointer;
  }
}

TEST_F(TemporalQueriesTest, SaysWhereTheCodeFails) {
  Deposit(1);
  Declare(R"js(
    export function evolve() { throw new Error("no past"); }
    export function decide() { return []; }
  )js");
  const absl::Status status = Ask(StateOf("account-1")).status();
  EXPECT_EQ(ReasonOf(status), ErrorReason::kDomainCodeFailed);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no past"));
}

TEST_F(TemporalQueriesTest, GoesOnAfterCodeThatNeverEnds) {
  Deposit(1);
  Declare(R"js(
    export function evolve() { for (;;) {} }
    export function decide() { return []; }
  )js");
  EXPECT_EQ(State("account-1"), "DOMAIN_CODE_FAILED");
  Declare(command::kAccountScript);
  EXPECT_EQ(State("account-1"), R"({"balance":1,"events":1})");
}

TEST_F(TemporalQueriesTest, WritesDownWhoAskedForWhat) {
  Deposit(1);
  engine::Caller auditor;
  auditor.principal.name = "auditor";
  auditor.correlation_id = "case-7";
  ASSERT_TRUE(Ask(StateOf("account-1", PastPoint::At(Revision(0))), auditor).ok());
  EXPECT_FALSE(Ask(StateOf("account-9"), auditor).ok());
  const std::vector<AuditRecord> records = records_.OfQueries();
  ASSERT_THAT(records, SizeIs(2));
  EXPECT_EQ(records[0].client.principal, "auditor");
  EXPECT_EQ(records[0].action, "state_as_of");
  EXPECT_EQ(records[0].subject, "account-1");
  EXPECT_EQ(records[0].outcome, "OK");
  EXPECT_EQ(records[0].correlation_id, "case-7");
  EXPECT_THAT(records[0].details, Contains(Pair("to", "revision 0")));
  EXPECT_EQ(records[1].outcome, "STREAM_NOT_FOUND");
}

TEST_F(TemporalQueriesTest, RefusesWhenTheServerShutsDown) {
  Deposit(1);
  queries_->Stop();
  EXPECT_EQ(State("account-1"), "DRAINING");
}

}  // namespace
}  // namespace nexus::temporal
