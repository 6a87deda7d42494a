// The proof over stamps, on a log that is written past the door.

#include "engine/stamp_audit.h"

#include <optional>
#include <string>
#include <vector>

#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "stamp/commit_digest.h"

namespace nexus::engine {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StampAuditTest : public EngineFixture {
 protected:
  static constexpr char kNowhere[] = "018f2b7e-0000-7000-8000-000000000001";

  Commit Made(std::vector<std::string> causes) {
    Commit commit;
    commit.id = CommitId{ids_.NewUuid()};
    commit.stamp = {"alice", "d", "p", 0, "jwt"};
    commit.streams.push_back({StreamName::Literal("order-1"), ExpectedRevision::Any()});
    for (std::string& cause : causes) {
      Event event;
      event.id = DeriveEventId(commit.id, static_cast<uint32_t>(commit.events.size()));
      event.type = "t";
      event.correlation_id = "c";
      event.causation_id = std::move(cause);
      commit.events.push_back({0, std::move(event)});
    }
    return commit;
  }
  // Gives it back, with the digest that it was stored with.
  Commit Store(Commit commit, bool digest = true) {
    if (digest) commit.stamp.request_digest = stamp::DigestOfCommit(commit);
    std::optional<absl::Status> stored;
    log_.Propose(commit, [&](auto receipt) { stored = receipt.status(); });
    EXPECT_TRUE(stored.has_value() && stored->ok());
    return commit;
  }
  StampProgress Verify(StampAuditOptions options = {}) {
    StampAudit audit(log_, log_.Head(), options);
    while (!audit.done()) {
      const absl::Status status = audit.Advance();
      EXPECT_TRUE(status.ok()) << status;
      if (!status.ok()) break;
    }
    return audit.progress();
  }
};

TEST_F(StampAuditTest, ProvesAnEmptyLog) {
  const StampProgress result = Verify();
  EXPECT_TRUE(result.proven());
  EXPECT_EQ(result.events, 0u);
}

TEST_F(StampAuditTest, ProvesWhatCameThroughTheDoor) {
  RegisterOrderSchema();
  SetCategory("note", false);
  ASSERT_TRUE(Append("order-1", "order.placed", R"({"total":1})").ok());
  ASSERT_TRUE(Append("note-1", "noted", "{}").ok());
  const StampProgress result = Verify();
  EXPECT_TRUE(result.proven());
  EXPECT_EQ(result.events, 4u);
  EXPECT_EQ(result.complete, 4u);
  EXPECT_EQ(result.digests_good, 4u);
  EXPECT_THAT(result.findings, IsEmpty());
}

TEST_F(StampAuditTest, ResolvesCausesOfEveryKind) {
  const Commit first = Store(Made({""}));
  const std::string event = first.events[0].event.id.ToString();
  const std::string commit = first.id.ToString();
  Commit chain = Made({event, ""});
  chain.events[1].event.causation_id = chain.events[0].event.id.ToString();
  Store(chain);
  Commit own = Made({""});
  own.events[0].event.causation_id = own.id.ToString();
  Store(own);
  Store(Made({commit, "urn:shop:cart:7", event}));
  const StampProgress result = Verify();
  EXPECT_TRUE(result.proven());
  EXPECT_EQ(result.events, 7u);
  EXPECT_EQ(result.caused_by_own_commit, 1u);
  EXPECT_EQ(result.caused_by_event, 3u);
  EXPECT_EQ(result.caused_by_commit, 2u);
  EXPECT_EQ(result.caused_outside, 1u);
  EXPECT_EQ(result.cause_unknown, 0u);
}

// Whatever the pages are.
TEST_F(StampAuditTest, ResolvesCausesAndDigestsAcrossPages) {
  std::string last;
  for (int i = 0; i < 20; ++i) {
    const Commit stored = Store(Made({last, last, last}));
    last = stored.events[1].event.id.ToString();
  }
  for (size_t page = 1; page < 9; ++page) {
    StampAuditOptions options;
    options.page = {page, 1 << 20};
    const StampProgress result = Verify(options);
    EXPECT_TRUE(result.proven()) << page;
    EXPECT_EQ(result.digests_good, 60u) << page;
    EXPECT_EQ(result.caused_by_event, 57u) << page;
  }
}

TEST_F(StampAuditTest, FindsCausesThatDoNotPrecede) {
  Commit itself = Made({""});
  itself.events[0].event.causation_id = itself.events[0].event.id.ToString();
  Store(itself);
  const Commit late = Made({""});
  Store(Made({late.events[0].event.id.ToString()}));
  Store(Made({late.id.ToString()}));
  Store(late);
  Store(Made({kNowhere}));
  const StampProgress result = Verify();
  EXPECT_FALSE(result.proven());
  EXPECT_EQ(result.cause_unknown, 4u);
  EXPECT_EQ(result.complete, 1u);
  ASSERT_THAT(result.findings, SizeIs(4));
  EXPECT_THAT(result.findings[0].message, HasSubstr("nothing before it has the id"));
  StampAuditOptions lenient;
  lenient.unknown_is_outside = true;
  EXPECT_EQ(Verify(lenient).caused_outside, 4u);
  EXPECT_TRUE(Verify(lenient).proven());
}

TEST_F(StampAuditTest, FindsWhatAStampLacks) {
  Commit bare = Made({""});
  bare.stamp = {};
  bare.events[0].event.correlation_id = "";
  Store(bare);
  Commit undecided = Made({kNowhere});
  undecided.stamp.decision_id = "";
  Store(undecided);
  const StampProgress result = Verify();
  EXPECT_FALSE(result.proven());
  EXPECT_EQ(result.with_principal, 1u);
  EXPECT_EQ(result.with_decision, 0u);
  EXPECT_EQ(result.with_correlation, 1u);
  EXPECT_EQ(result.complete, 0u);
  ASSERT_THAT(result.findings, SizeIs(3));
  EXPECT_EQ(result.findings[1].position, Position(1));
  EXPECT_EQ(result.findings[1].message, "has no principal, no decision, no correlation id");
}

TEST_F(StampAuditTest, FindsACommitThatIsNotWhatItsDigestSays) {
  Commit changed = Made({""});
  changed.stamp.request_digest = stamp::DigestOfCommit(changed);
  changed.events[0].event.data = "{\"another\":1}";
  Store(changed, /*digest=*/false);
  Store(Made({""}), /*digest=*/false);  // as an older nexusd wrote it
  const StampProgress result = Verify();
  EXPECT_FALSE(result.proven());
  EXPECT_EQ(result.digests_wrong, 1u);
  EXPECT_EQ(result.without_digest, 1u);
  EXPECT_EQ(result.complete, 2u);
  ASSERT_THAT(result.findings, SizeIs(1));
  EXPECT_EQ(result.findings[0].position, Position(1));
}

TEST_F(StampAuditTest, SeeksABoundedNumberOfCauses) {
  const Commit first = Store(Made({"", "", ""}));
  Store(Made({first.events[0].event.id.ToString(), first.events[1].event.id.ToString(),
              first.events[2].event.id.ToString()}));
  StampAuditOptions options;
  options.open_causes_max = 2;
  const StampProgress result = Verify(options);
  EXPECT_EQ(result.caused_by_event, 2u);
  EXPECT_EQ(result.cause_unknown, 1u);
  EXPECT_FALSE(result.proven());
}

}  // namespace
}  // namespace nexus::engine
