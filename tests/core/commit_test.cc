#include "nexus/core/commit.h"

#include "gtest/gtest.h"

namespace nexus {
namespace {

Commit OneEvent() {
  Commit commit;
  commit.id.bytes[0] = 1;
  commit.streams = {{StreamName::Literal("order-1"), ExpectedRevision::NoStream()}};
  CommitEvent event;
  event.event.id.bytes[0] = 2;
  event.event.type = "placed";
  event.event.data = "{}";
  commit.events = {event};
  return commit;
}

TEST(ExpectedRevision, AnyHoldsAlways) {
  EXPECT_TRUE(ExpectedRevision::Any().Holds(std::nullopt));
  EXPECT_TRUE(ExpectedRevision::Any().Holds(Revision(9)));
}

TEST(ExpectedRevision, NoStreamHoldsOnlyWithoutOne) {
  EXPECT_TRUE(ExpectedRevision::NoStream().Holds(std::nullopt));
  EXPECT_FALSE(ExpectedRevision::NoStream().Holds(Revision(0)));
}

TEST(ExpectedRevision, StreamExistsHoldsOnlyWithOne) {
  EXPECT_FALSE(ExpectedRevision::StreamExists().Holds(std::nullopt));
  EXPECT_TRUE(ExpectedRevision::StreamExists().Holds(Revision(0)));
}

TEST(ExpectedRevision, ExactHoldsForThatRevisionOnly) {
  const ExpectedRevision seven = ExpectedRevision::Exactly(7);
  EXPECT_TRUE(seven.Holds(Revision(7)));
  EXPECT_FALSE(seven.Holds(Revision(6)));
  EXPECT_FALSE(seven.Holds(Revision(8)));
  EXPECT_FALSE(seven.Holds(std::nullopt));
}

TEST(ExpectedRevision, ExactZeroDoesNotHoldForAnAbsentStream) {
  EXPECT_FALSE(ExpectedRevision::Exactly(0).Holds(std::nullopt));
}

TEST(ExpectedRevision, ReadsLikeAWord) {
  EXPECT_EQ(ExpectedRevision::Any().ToString(), "any");
  EXPECT_EQ(ExpectedRevision::NoStream().ToString(), "no_stream");
  EXPECT_EQ(ExpectedRevision::StreamExists().ToString(), "stream_exists");
  EXPECT_EQ(ExpectedRevision::Exactly(18446744073709551615u).ToString(), "18446744073709551615");
}

TEST(SameContent, IsTheSameForARetry) {
  Commit retry = OneEvent();
  retry.stamp.decision_id = "another";
  retry.proposed = Timestamp{99};
  retry.streams[0].expected = ExpectedRevision::Any();
  retry.events[0].event.schema_version = 4;
  retry.events[0].event.traceparent = "another";
  retry.events[0].event.correlation_id = "another";
  EXPECT_TRUE(SameContent(retry, OneEvent()));
}

TEST(SameContent, DiffersByEachThingThatTheClientSaid) {
  const auto differs = [](auto change) {
    Commit other = OneEvent();
    change(other);
    return !SameContent(other, OneEvent());
  };
  EXPECT_TRUE(differs([](Commit& c) { c.streams[0].name = StreamName::Literal("order-2"); }));
  EXPECT_TRUE(differs([](Commit& c) { c.streams.push_back(c.streams[0]); }));
  EXPECT_TRUE(differs([](Commit& c) { c.events.clear(); }));
  EXPECT_TRUE(differs([](Commit& c) { c.events.push_back(c.events[0]); }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].stream_index = 1; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.id.bytes[0] = 3; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.type = "paid"; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.content_type = "text/plain"; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.data = "{ }"; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.tags = {"vip"}; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.metadata = {{"k", "v"}}; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.routing.business_impact = 0.5; }));
  EXPECT_TRUE(differs([](Commit& c) { c.events[0].event.causation_id = "x"; }));
}

TEST(SameContent, HoldsForTwoEmptyCommits) { EXPECT_TRUE(SameContent(Commit(), Commit())); }

}  // namespace
}  // namespace nexus
