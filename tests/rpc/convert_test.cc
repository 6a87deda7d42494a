#include "rpc/convert.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::rpc {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Texts that are too long to be stored inside a string.
std::string Long(absl::string_view text) { return absl::StrCat(text, "-", std::string(32, 'x')); }

v1::AppendRequest FullRequest() {
  v1::AppendRequest request;
  request.set_commit_id(Long("commit"));
  v1::StreamAppend& stream = *request.add_streams();
  stream.set_stream(Long("stream"));
  stream.mutable_expected_revision()->set_exact(7);
  v1::NewEvent& event = *stream.add_events();
  event.set_event_id(Long("event"));
  event.set_type(Long("type"));
  event.set_schema_version(3);
  event.set_content_type(Long("content"));
  event.set_data(Long("data"));
  event.add_tags(Long("tag"));
  (*event.mutable_metadata())[Long("key")] = Long("value");
  event.mutable_routing()->set_business_impact(0.5);
  event.set_correlation_id(Long("correlation"));
  event.set_causation_id(Long("causation"));
  event.set_traceparent(Long("parent"));
  event.set_tracestate(Long("state"));
  stream.add_events();  // with nothing in it
  request.add_conditions()->set_after(11);
  return request;
}

void ExpectEverything(const engine::CommitDraft& draft) {
  EXPECT_EQ(draft.commit_id, Long("commit"));
  ASSERT_EQ(draft.streams.size(), 1u);
  EXPECT_EQ(draft.streams[0].stream, Long("stream"));
  EXPECT_EQ(draft.streams[0].expected, ExpectedRevision::Exactly(7));
  ASSERT_EQ(draft.streams[0].events.size(), 2u);
  const engine::EventDraft& event = draft.streams[0].events[0];
  EXPECT_EQ(event.event_id, Long("event"));
  EXPECT_EQ(event.type, Long("type"));
  EXPECT_EQ(event.schema_version, 3u);
  EXPECT_EQ(event.content_type, Long("content"));
  EXPECT_EQ(event.data, Long("data"));
  EXPECT_THAT(event.tags, ElementsAre(Long("tag")));
  EXPECT_THAT(event.metadata, UnorderedElementsAre(Pair(Long("key"), Long("value"))));
  EXPECT_EQ(event.routing.business_impact, 0.5);
  EXPECT_EQ(event.correlation_id, Long("correlation"));
  EXPECT_EQ(event.causation_id, Long("causation"));
  EXPECT_EQ(event.traceparent, Long("parent"));
  EXPECT_EQ(event.tracestate, Long("state"));
  EXPECT_EQ(draft.streams[0].events[1].data, "");
  ASSERT_EQ(draft.conditions.size(), 1u);
  EXPECT_EQ(draft.conditions[0].after, Position(11));
}

TEST(ToDraft, LeavesARequestThatIsOnlyLookedAtAsItWas) {
  const v1::AppendRequest request = FullRequest();
  ExpectEverything(ToDraft(request));
  EXPECT_EQ(request.SerializeAsString(), FullRequest().SerializeAsString());
}

TEST(ToDraft, TakesEveryFieldOfARequestThatIsGivenAway) {
  v1::AppendRequest request = FullRequest();
  const char* const data = request.streams(0).events(0).data().data();
  const engine::CommitDraft draft = ToDraft(std::move(request));
  ExpectEverything(draft);
  EXPECT_EQ(draft.streams[0].events[0].data.data(), data) << "it was copied";
}

TEST(ToDraft, TakesAMessageThatIsUsedAgainAndAgain) {
  v1::AppendRequest request;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(request.ParseFromString(FullRequest().SerializeAsString()));
    ExpectEverything(ToDraft(std::move(request)));
  }
}

}  // namespace
}  // namespace nexus::rpc
