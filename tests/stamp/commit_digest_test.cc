#include "stamp/commit_digest.h"

#include <functional>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace nexus::stamp {
namespace {

Commit Sample() {
  Commit commit;
  commit.id.bytes[14] = 1;
  commit.id.bytes[15] = 2;
  commit.streams.push_back({StreamName::Literal("order-7"), ExpectedRevision::Exactly(4)});
  commit.streams.push_back({StreamName::Literal("stock"), ExpectedRevision::StreamExists()});
  Event event;
  event.id.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 2};
  event.type = "placed";
  event.schema_version = 3;
  event.content_type = "application/json";
  event.tags = {"eu"};
  event.metadata = {{"k", "v"}};
  event.routing = {Criticality::kHigh, 0.5, true, 250};
  event.correlation_id = "c1";
  event.data = "{\"n\":1}";
  commit.events.push_back({0, event});
  Event caused;
  caused.id.bytes = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1, 2};
  caused.type = "paid";
  caused.content_type = "application/json";
  caused.correlation_id = "c1";
  caused.causation_id = event.id.ToString();
  caused.data = "{}";
  commit.events.push_back({0, caused});
  return commit;
}

// As a reader of the log sees it.
std::vector<RecordedEvent> Recorded(const Commit& commit) {
  std::vector<RecordedEvent> events;
  for (const CommitEvent& entry : commit.events) {
    const Event& from = entry.event;
    RecordedEvent& event = events.emplace_back();
    event.commit_id = commit.id;
    event.id = from.id;
    event.stream = commit.streams[entry.stream_index].name.str();
    event.type = from.type;
    event.content_type = from.content_type;
    event.data = from.data;
    event.tags.assign(from.tags.begin(), from.tags.end());
    event.metadata.assign(from.metadata.begin(), from.metadata.end());
    event.routing = from.routing;
    event.correlation_id = from.correlation_id;
    event.causation_id = from.causation_id;
  }
  return events;
}

// The example of docs/reference/stamp.md, computed by another program.
TEST(CommitDigestTest, IsThatOfTheWorkedExample) {
  EXPECT_EQ(HexOf(DigestBytes(DigestOfCommit(Sample()))), "bbdafdce91a0147d35122e9d072d884d");
}

TEST(CommitDigestTest, IsTheSameFromStoredEvents) {
  Commit commit = Sample();
  EXPECT_EQ(DigestOfEvents(Recorded(commit)), DigestOfCommit(commit));
  // Longer than what is gathered, and just about as long.
  for (const size_t size : {505, 512, 513, 40'000}) {
    commit.events[1].event.data.assign(size, 'x');
    EXPECT_EQ(DigestOfEvents(Recorded(commit)), DigestOfCommit(commit)) << size;
  }
}

TEST(CommitDigestTest, CoversAllThatTheClientSays) {
  const std::vector<std::function<void(Commit&)>> changes = {
      [](Commit& c) { c.id.bytes[0] = 1; },
      [](Commit& c) { c.streams[0].name = StreamName::Literal("order-8"); },
      [](Commit& c) { c.events.pop_back(); },
      [](Commit& c) { c.events[1].stream_index = 1; },
      [](Commit& c) { c.events[0].event.id.bytes[0] = 1; },
      [](Commit& c) { c.events[0].event.type = "Placed"; },
      [](Commit& c) { c.events[0].event.content_type = "text/json"; },
      [](Commit& c) {
        c.events[0].event.tags = {"e", "u"};
      },
      [](Commit& c) {
        c.events[0].event.metadata = {{"kv", ""}};
      },
      [](Commit& c) { c.events[0].event.routing.criticality = Criticality::kLow; },
      [](Commit& c) { c.events[0].event.routing.business_impact = 0.25; },
      [](Commit& c) { c.events[0].event.routing.requires_ordering = false; },
      [](Commit& c) { c.events[0].event.routing.max_latency_ms = 251; },
      [](Commit& c) { c.events[0].event.correlation_id = "c2"; },
      [](Commit& c) { c.events[1].event.causation_id = ""; },
      [](Commit& c) { c.events[0].event.data = "{\"n\":2}"; },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Commit changed = Sample();
    changes[i](changed);
    EXPECT_NE(DigestOfCommit(changed), DigestOfCommit(Sample())) << i;
  }
}

// A retry is the same request, whatever the rules have become and whoever traces it.
TEST(CommitDigestTest, DoesNotCoverWhatARetryMayChange) {
  Commit retry = Sample();
  retry.streams[0].expected = ExpectedRevision::Any();
  retry.events[0].event.schema_version = 4;
  retry.events[0].event.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  retry.stamp.principal = "bob";
  EXPECT_EQ(DigestOfCommit(retry), DigestOfCommit(Sample()));
}

TEST(CommitDigestTest, OfTextIsTheFirstHalfOfItsHash) {
  EXPECT_EQ(HexOf(DigestBytes(DigestOfText("abc"))), "ba7816bf8f01cfea414140de5dae2223");
}

}  // namespace
}  // namespace nexus::stamp
