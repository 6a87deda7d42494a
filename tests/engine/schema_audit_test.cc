// A candidate against the stored events of its subject; every stored event against its own schema.

#include "engine/schema_audit.h"

#include <optional>

#include "engine/engine_fixture.h"
#include "gmock/gmock.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Accepts no total below `minimum`.
std::string AtLeast(int minimum) {
  return absl::StrCat(R"({"type": "object", "properties": {"total": {"minimum": )", minimum, "}}}");
}

class SchemaAuditTest : public EngineFixture {
 protected:
  void StoreOrders(int first, int last) {
    for (int total = first; total <= last; ++total) {
      const auto receipt = Append(absl::StrCat("order-", total), "order.placed",
                                  absl::StrCat(R"({"total":)", total, "}"));
      ASSERT_TRUE(receipt.ok()) << receipt.status();
    }
  }
  // Past the door, as no client can: what damage or an error of ours might leave behind.
  void StoreUnchecked(absl::string_view stream, uint32_t schema_version, std::string data) {
    Commit commit;
    commit.id = CommitId{ids_.NewUuid()};
    Event event;
    event.type = "order.placed";
    event.schema_version = schema_version;
    event.data = std::move(data);
    event.id = DeriveEventId(commit.id, 0);
    event.content_type = std::string(kJsonContentType);
    event.correlation_id = commit.id.ToString();
    commit.streams.push_back({StreamName::Literal(stream), ExpectedRevision::Any()});
    commit.events.push_back({0, std::move(event)});
    std::optional<absl::Status> stored;
    log_.Propose(std::move(commit), [&](auto receipt) { stored = receipt.status(); });
    ASSERT_TRUE(stored.has_value() && stored->ok());
  }

  absl::StatusOr<std::unique_ptr<SchemaAudit>> Open(std::string definition,
                                                    AuditOptions options = {}) {
    schema::RegisterRequest candidate;
    candidate.subject = "order.placed";
    candidate.definition = std::move(definition);
    return engine_->ObserveSchema(std::move(candidate), options);
  }
  AuditProgress Observe(std::string definition, AuditOptions options = {}) {
    auto audit = Open(std::move(definition), options);
    EXPECT_TRUE(audit.ok()) << audit.status();
    return audit.ok() ? RunToTheEnd(**audit) : AuditProgress();
  }
  AuditProgress Verify() { return RunToTheEnd(*engine_->VerifySchemas({})); }

  static AuditProgress RunToTheEnd(SchemaAudit& audit) {
    while (!audit.progress().done) {
      const absl::Status status = audit.Advance();
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
    }
    return audit.progress();
  }
  static std::vector<uint64_t> Positions(const AuditProgress& result) {
    std::vector<uint64_t> positions;
    for (const FailedEvent& event : result.failures) positions.push_back(event.position.value);
    return positions;
  }
};

TEST_F(SchemaAuditTest, TellsWhichStoredEventsACandidateBreaks) {
  RegisterOrderSchema();  // position 1
  StoreOrders(3, 6);      // 2 to 5
  const AuditProgress result = Observe(AtLeast(5));
  EXPECT_EQ(result.events, 4u);
  EXPECT_EQ(result.valid, 2u);
  EXPECT_EQ(result.failed, 2u);
  EXPECT_EQ(result.skipped, 0u);
  EXPECT_TRUE(result.complete);
  ASSERT_THAT(Positions(result), ElementsAre(2, 3));
  const FailedEvent& first = result.failures.front();
  EXPECT_EQ(first.stream, "order-3");
  EXPECT_EQ(first.revision, Revision(0));
  EXPECT_EQ(first.schema_version, 1u);
  ASSERT_THAT(first.violations, SizeIs(1));
  EXPECT_EQ(first.violations[0].pointer, "/total");
  EXPECT_EQ(first.violations[0].keyword, "minimum");
}

TEST_F(SchemaAuditTest, StoresNothing) {
  RegisterOrderSchema();
  StoreOrders(3, 6);
  const Position head = log_.Head();
  EXPECT_EQ(Observe(AtLeast(3)).failed, 0u);
  EXPECT_EQ(log_.Head(), head);
  EXPECT_EQ(registry_.catalog().HighestVersion("order.placed"), 1u);
}

TEST_F(SchemaAuditTest, LooksAtTheSubjectAlone) {
  RegisterOrderSchema();
  ASSERT_TRUE(RegisterSchema("order.paid", "{}").ok());
  ASSERT_TRUE(Append("order-1", "order.paid", R"({"total":1})").ok());
  StoreOrders(7, 7);
  const AuditProgress result = Observe(AtLeast(5));
  EXPECT_EQ(result.events, 1u);
  EXPECT_EQ(result.failed, 0u);
}

TEST_F(SchemaAuditTest, ASampleEndsAtItsLimitAndSaysSo) {
  RegisterOrderSchema();
  StoreOrders(1, 6);
  const AuditProgress oldest = Observe(AtLeast(9), {.limit = 2});
  EXPECT_THAT(Positions(oldest), ElementsAre(2, 3));
  EXPECT_EQ(oldest.events, 2u);
  EXPECT_FALSE(oldest.complete);
  const AuditProgress newest = Observe(AtLeast(9), {.limit = 2, .direction = Direction::kBackward});
  EXPECT_THAT(Positions(newest), ElementsAre(7, 6));
  EXPECT_EQ(newest.scanned, 2u);
}

TEST_F(SchemaAuditTest, NoPageLeavesAnEventOut) {
  RegisterOrderSchema();
  StoreOrders(1, 10);
  for (const Direction direction : {Direction::kForward, Direction::kBackward}) {
    for (const size_t events_max : {1, 3, 100}) {
      AuditOptions options{.direction = direction};
      options.page.events_max = events_max;
      const AuditProgress result = Observe(AtLeast(6), options);
      EXPECT_EQ(result.events, 10u);
      EXPECT_EQ(result.failed, 5u);
      EXPECT_EQ(result.scanned, result.head.value);
      EXPECT_TRUE(result.complete);
    }
  }
}

TEST_F(SchemaAuditTest, KeepsTheFirstFailuresAndCountsAll) {
  RegisterOrderSchema();
  StoreOrders(1, 4);
  const AuditProgress result = Observe(AtLeast(9), {.failures_max = 1});
  EXPECT_EQ(result.failed, 4u);
  EXPECT_THAT(result.failures, SizeIs(1));
}

TEST_F(SchemaAuditTest, WhatIsStoredMeanwhileIsNotLookedAt) {
  RegisterOrderSchema();
  StoreOrders(1, 2);
  auto audit = Open(AtLeast(9));
  ASSERT_TRUE(audit.ok()) << audit.status();
  StoreOrders(3, 4);
  EXPECT_EQ(RunToTheEnd(**audit).events, 2u);
}

TEST_F(SchemaAuditTest, ANewSubjectMayHaveEventsOfOtherFormats) {
  SetCategory("order", false);
  ASSERT_TRUE(Append("order-1", "order.placed", R"({"total":1})").ok());
  CommitDraft text = Draft("order-1", "order.placed", "one");
  text.streams[0].events[0].content_type = "text/plain";
  ASSERT_TRUE(AppendDraft(std::move(text)).ok());
  const AuditProgress result = Observe(AtLeast(1));
  EXPECT_EQ(result.events, 2u);
  EXPECT_EQ(result.valid, 1u);
  EXPECT_EQ(result.skipped, 1u);
}

TEST_F(SchemaAuditTest, ASubjectWithoutEventsBreaksNothing) {
  const AuditProgress result = Observe(AtLeast(1));
  EXPECT_EQ(result.events, 0u);
  EXPECT_TRUE(result.complete);
}

TEST_F(SchemaAuditTest, RefusesWhatIsNoSchema) {
  EXPECT_EQ(ReasonOf(Open(R"({"type": 5})").status()), ErrorReason::kSchemaInvalid);
}

TEST_F(SchemaAuditTest, EveryEventThatCameThroughTheDoorPassesItsSchema) {
  RegisterOrderSchema();
  StoreOrders(1, 3);
  SetCategory("note", false);
  ASSERT_TRUE(Append("note-1", "noted", "{}").ok());
  const AuditProgress result = Verify();
  EXPECT_EQ(result.events, log_.Head().value);
  EXPECT_EQ(result.valid, 3u);
  EXPECT_EQ(result.skipped, 3u);  // the registration, the setting and the note
  EXPECT_EQ(result.failed, 0u);
}

TEST_F(SchemaAuditTest, FindsAStoredEventThatDoesNotPassItsSchema) {
  RegisterOrderSchema();
  StoreOrders(1, 2);
  StoreUnchecked("order-9", 1, R"({"total":-1})");
  StoreUnchecked("order-9", 1, R"({"total":)");
  const AuditProgress result = Verify();
  EXPECT_EQ(result.valid, 2u);
  ASSERT_THAT(Positions(result), ElementsAre(4, 5));
  EXPECT_EQ(result.failures[0].stream, "order-9");
  EXPECT_EQ(result.failures[0].violations[0].keyword, "minimum");
  EXPECT_EQ(result.failures[1].revision, Revision(1));
  EXPECT_FALSE(result.failures[1].violations[0].message.empty());
}

TEST_F(SchemaAuditTest, FindsAnEventWhoseSchemaIsNotThere) {
  RegisterOrderSchema();
  StoreUnchecked("order-9", 2, R"({"total":1})");
  const AuditProgress result = Verify();
  ASSERT_THAT(result.failures, SizeIs(1));
  EXPECT_EQ(result.failures[0].violations[0].message, "schema order.placed has no version 2");
}

TEST_F(SchemaAuditTest, ADeletedVersionStillJudgesItsEvents) {
  RegisterOrderSchema();
  StoreOrders(1, 1);
  schema::DeleteRequest deletion;
  deletion.subject = "order.placed";
  deletion.version = 1;
  std::optional<absl::Status> deleted;
  engine_->DeleteSchema(std::move(deletion), {},
                        [&](auto versions) { deleted = versions.status(); });
  executor_.RunAll();
  ASSERT_TRUE(deleted.has_value() && deleted->ok());
  const AuditProgress result = Verify();
  EXPECT_EQ(result.valid, 1u);
  EXPECT_THAT(result.failures, IsEmpty());
}

}  // namespace
}  // namespace nexus::engine
