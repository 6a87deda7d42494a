#include "engine/draft_check.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "fake/sequential_ids.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

EventDraft MakeEvent(std::string type = "order.placed") {
  EventDraft event;
  event.type = std::move(type);
  event.data = "{}";
  return event;
}

CommitDraft OneEvent(EventDraft event = MakeEvent()) {
  CommitDraft draft;
  draft.streams.push_back({"order-1", ExpectedRevision::Any(), {std::move(event)}});
  return draft;
}

class DraftCheckTest : public ::testing::Test {
 protected:
  absl::StatusOr<Commit> Check(CommitDraft draft) {
    return CheckDraft(std::move(draft), caller_, limits_, ids_);
  }
  ErrorDetails Refused(CommitDraft draft) {
    const absl::StatusOr<Commit> commit = Check(std::move(draft));
    EXPECT_FALSE(commit.ok());
    return DetailsOf(commit.status());
  }
  // The reason for an event that `change` made wrong, and the place named.
  template <typename Change>
  std::pair<ErrorReason, std::string> RefusedEvent(Change change) {
    EventDraft event = MakeEvent();
    change(event);
    const ErrorDetails details = Refused(OneEvent(std::move(event)));
    return {details.reason, details.violations.empty() ? "" : details.violations[0].field};
  }

  Caller caller_;
  Limits limits_;
  fake::SequentialIds ids_;
};

using Wrong = std::pair<ErrorReason, std::string>;

TEST_F(DraftCheckTest, FillsInIdsContentTypeAndCorrelation) {
  const absl::StatusOr<Commit> commit = Check(OneEvent());
  ASSERT_TRUE(commit.ok()) << commit.status();
  const Event& event = commit->events[0].event;
  EXPECT_FALSE(commit->id.IsNil());
  EXPECT_EQ(event.id, DeriveEventId(commit->id, 0));
  EXPECT_EQ(event.content_type, "");  // known with the schema
  EXPECT_EQ(event.correlation_id, commit->id.ToString());
}

TEST_F(DraftCheckTest, DerivesTheSameEventIdsForTheSameCommitId) {
  CommitDraft draft = OneEvent();
  draft.commit_id = "00000000-0000-7000-8000-000000000001";
  const auto first = Check(draft);
  const auto second = Check(draft);
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_TRUE(SameContent(*first, *second));
}

TEST_F(DraftCheckTest, TakesContextFromTheEventBeforeTheCall) {
  caller_.correlation_id = "call";
  caller_.traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EventDraft own = MakeEvent();
  own.correlation_id = "own";
  CommitDraft draft = OneEvent(own);
  draft.streams[0].events.push_back(MakeEvent());
  const auto commit = Check(draft);
  ASSERT_TRUE(commit.ok());
  EXPECT_EQ(commit->events[0].event.correlation_id, "own");
  EXPECT_EQ(commit->events[1].event.correlation_id, "call");
  EXPECT_EQ(commit->events[1].event.traceparent, caller_.traceparent);
}

TEST_F(DraftCheckTest, SortsTagsAndDropsRepetitions) {
  EventDraft event = MakeEvent();
  event.tags = {"b", "a", "b"};
  const auto commit = Check(OneEvent(event));
  ASSERT_TRUE(commit.ok());
  EXPECT_THAT(commit->events[0].event.tags, ElementsAre("a", "b"));
}

TEST_F(DraftCheckTest, RefusesACommitWithoutEvents) {
  EXPECT_EQ(Refused({}).reason, ErrorReason::kEmptyCommit);
  CommitDraft check_only;
  check_only.streams.push_back({"order-1", ExpectedRevision::Any(), {}});
  EXPECT_EQ(Refused(check_only).reason, ErrorReason::kEmptyCommit);
}

TEST_F(DraftCheckTest, AcceptsAStreamThatIsOnlyChecked) {
  CommitDraft draft = OneEvent();
  draft.streams.push_back({"order-2", ExpectedRevision::NoStream(), {}});
  const auto commit = Check(draft);
  ASSERT_TRUE(commit.ok());
  EXPECT_EQ(commit->streams.size(), 2u);
}

TEST_F(DraftCheckTest, NamesEachKindOfMistakeAndItsPlace) {
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.type = ""; }),
            Wrong(ErrorReason::kMalformedName, "streams[0].events[0].type"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.type = "$own"; }),
            Wrong(ErrorReason::kReservedName, "streams[0].events[0].type"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.type = std::string(256, 'x'); }),
            Wrong(ErrorReason::kLimitExceeded, "streams[0].events[0].type"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.event_id = "42"; }),
            Wrong(ErrorReason::kMalformedId, "streams[0].events[0].event_id"));
  EXPECT_EQ(
      RefusedEvent([](EventDraft& e) { e.event_id = "00000000-0000-0000-0000-000000000000"; }),
      Wrong(ErrorReason::kMalformedId, "streams[0].events[0].event_id"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) {
              e.tags = {"ok", ""};
            }),
            Wrong(ErrorReason::kMalformedName, "streams[0].events[0].tags[1]"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.tags.assign(65, "t"); }),
            Wrong(ErrorReason::kLimitExceeded, "streams[0].events[0].tags"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) {
              e.metadata = {{"$who", "me"}};
            }),
            Wrong(ErrorReason::kReservedName, "streams[0].events[0].metadata[\"$who\"]"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) {
              e.metadata = {{"k", "\xff"}};
            }),
            Wrong(ErrorReason::kInvalidUtf8, "streams[0].events[0].metadata[\"k\"]"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) {
              e.metadata = {{"k", std::string(70'000, 'v')}};
            }),
            Wrong(ErrorReason::kLimitExceeded, "streams[0].events[0].metadata"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.routing.business_impact = 1.1; }),
            Wrong(ErrorReason::kMalformedRequest, "streams[0].events[0].routing.business_impact"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) {
              e.routing.business_impact = std::numeric_limits<double>::quiet_NaN();
            }),
            Wrong(ErrorReason::kMalformedRequest, "streams[0].events[0].routing.business_impact"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.routing.criticality = Criticality(255); }),
            Wrong(ErrorReason::kMalformedRequest, "streams[0].events[0].routing.criticality"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.causation_id = "a\nb"; }),
            Wrong(ErrorReason::kMalformedName, "streams[0].events[0].causation_id"));
  EXPECT_EQ(RefusedEvent([](EventDraft& e) { e.data = std::string((1 << 20) + 1, ' '); }),
            Wrong(ErrorReason::kLimitExceeded, "streams[0].events[0].data"));
}

TEST_F(DraftCheckTest, NamesBadStreams) {
  const auto refused = [this](std::string name) {
    CommitDraft draft = OneEvent();
    draft.streams[0].stream = std::move(name);
    return Refused(draft).reason;
  };
  EXPECT_EQ(refused(""), ErrorReason::kMalformedName);
  EXPECT_EQ(refused(std::string("a\0b", 3)), ErrorReason::kMalformedName);
  EXPECT_EQ(refused("a\x7f"), ErrorReason::kMalformedName);
  EXPECT_EQ(refused(std::string(256, 's')), ErrorReason::kMalformedName);
  EXPECT_EQ(refused("\xc0\xaf"), ErrorReason::kInvalidUtf8);
  EXPECT_EQ(refused("$schemas"), ErrorReason::kReservedName);
}

TEST_F(DraftCheckTest, AcceptsNamesAndTypesAtTheirLimit) {
  CommitDraft draft = OneEvent(MakeEvent(std::string(255, 't')));
  draft.streams[0].stream = std::string(255, 's');
  EXPECT_TRUE(Check(draft).ok());
}

TEST_F(DraftCheckTest, RefusesAStreamNamedTwiceAndAMissingExpectation) {
  CommitDraft twice = OneEvent();
  twice.streams.push_back(twice.streams[0]);
  EXPECT_EQ(Refused(twice).violations[0].field, "streams[1].stream");
  CommitDraft missing = OneEvent();
  missing.streams[0].expected.reset();
  EXPECT_EQ(Refused(missing).violations[0].field, "streams[0].expected_revision");
}

TEST_F(DraftCheckTest, FindsAStreamAgainBehindOneWithoutAName) {
  CommitDraft draft = OneEvent();
  draft.streams.push_back({"", ExpectedRevision::Any(), {}});
  draft.streams.push_back({"order-1", ExpectedRevision::Any(), {}});
  const ErrorDetails details = Refused(draft);
  ASSERT_EQ(details.violations.size(), 2u);
  EXPECT_EQ(details.violations[1].field, "streams[2].stream");
}

TEST_F(DraftCheckTest, RefusesAGivenEventIdThatAnEarlierEventGotFromItsCommit) {
  CommitDraft draft = OneEvent();
  draft.commit_id = "00000000-0000-7000-8000-0000000000aa";
  draft.streams[0].events.push_back(MakeEvent());
  draft.streams[0].events[1].event_id =
      DeriveEventId(*CommitId::Parse(draft.commit_id), 0).ToString();
  const ErrorDetails details = Refused(draft);
  EXPECT_EQ(details.reason, ErrorReason::kDuplicateEventId);
  ASSERT_EQ(details.violations.size(), 1u);
  EXPECT_EQ(details.violations[0].field, "streams[0].events[1].event_id");
}

TEST_F(DraftCheckTest, RefusesAnEventIdUsedTwiceAcrossStreams) {
  EventDraft event = MakeEvent();
  event.event_id = "00000000-0000-7000-8000-000000000001";
  CommitDraft draft = OneEvent(event);
  draft.streams.push_back({"order-2", ExpectedRevision::Any(), {event}});
  const ErrorDetails details = Refused(draft);
  EXPECT_EQ(details.reason, ErrorReason::kDuplicateEventId);
  EXPECT_EQ(details.violations[0].field, "streams[1].events[0].event_id");
}

TEST_F(DraftCheckTest, ReportsEverythingThatIsWrongAtOnce) {
  EventDraft bad = MakeEvent("");
  bad.event_id = "x";
  CommitDraft draft = OneEvent(bad);
  draft.commit_id = "not-an-id";
  draft.streams[0].stream = "";
  EXPECT_EQ(Refused(draft).violations.size(), 4u);
}

TEST_F(DraftCheckTest, BoundsTheCommitBeforeLookingInside) {
  limits_.commit_events_max = 3;
  CommitDraft draft = OneEvent();
  draft.streams[0].events.assign(4, MakeEvent(""));
  const ErrorDetails details = Refused(draft);
  EXPECT_EQ(details.reason, ErrorReason::kLimitExceeded);
  EXPECT_EQ(details.violations.size(), 1u);
}

TEST_F(DraftCheckTest, BoundsTheBytesOfACommit) {
  limits_.commit_bytes_max = 100;
  EventDraft event = MakeEvent();
  event.data = std::string(101, ' ');
  const auto commit = Check(OneEvent(event));
  EXPECT_EQ(ReasonOf(commit.status()), ErrorReason::kLimitExceeded);
  EXPECT_THAT(std::string(commit.status().message()), HasSubstr("100 bytes"));
}

TEST_F(DraftCheckTest, ReportsAtMostAHundredMistakes) {
  CommitDraft draft = OneEvent();
  draft.streams[0].events.assign(500, MakeEvent(""));
  EXPECT_EQ(Refused(draft).violations.size(), 100u);
}

CommitDraft WithCondition(EventFilter filter, uint64_t after = 0) {
  CommitDraft draft = OneEvent();
  draft.conditions.push_back({std::move(filter), Position(after)});
  return draft;
}

TEST_F(DraftCheckTest, TakesConditionsAsTheyAre) {
  const EventFilter filter{
      {{.types = {"a"}, .stream_prefixes = {"order-"}, .tags = {"x", "y"}}, {}}};
  CommitDraft draft = WithCondition(filter, 7);
  draft.conditions.push_back({});
  const auto commit = Check(draft);
  ASSERT_TRUE(commit.ok()) << commit.status();
  ASSERT_EQ(commit->conditions.size(), 2u);
  EXPECT_EQ(commit->conditions[0], (AppendCondition{filter, Position(7)}));
  EXPECT_TRUE(commit->conditions[1].fail_if_match.MatchesAll());
}

TEST_F(DraftCheckTest, RefusesAConditionThatNoIndexCanAnswer) {
  for (const FilterItem& item :
       {FilterItem{.type_prefixes = {"a"}}, FilterItem{.stream_prefixes = {"order-"}}}) {
    const ErrorDetails details = Refused(WithCondition({{{.tags = {"x"}}, item}}));
    EXPECT_EQ(details.reason, ErrorReason::kMalformedRequest);
    EXPECT_EQ(details.violations.at(0).field, "conditions[0].fail_if_match.items[1]");
    EXPECT_THAT(details.violations[0].message, HasSubstr("a prefix alone"));
  }
}

TEST_F(DraftCheckTest, BoundsConditionsItemsAndValues) {
  CommitDraft many = WithCondition({});
  many.conditions.resize(16);
  EXPECT_TRUE(Check(many).ok());
  many.conditions.resize(17);
  EXPECT_EQ(Refused(many).reason, ErrorReason::kLimitExceeded);
  EXPECT_EQ(Refused(many).violations.at(0).field, "conditions");

  EventFilter items;
  items.items.resize(64, {.tags = {"x"}});
  EXPECT_TRUE(Check(WithCondition(items)).ok());
  items.items.resize(65, {.tags = {"x"}});
  EXPECT_EQ(Refused(WithCondition(items)).reason, ErrorReason::kLimitExceeded);

  FilterItem values;
  values.types.resize(255, "t");
  values.tags = {"x"};
  EXPECT_TRUE(Check(WithCondition({{values}})).ok());
  values.correlation_ids = {"y"};
  EXPECT_EQ(Refused(WithCondition({{values}})).reason, ErrorReason::kLimitExceeded);
}

TEST_F(DraftCheckTest, ChecksEveryValueOfACondition) {
  const auto refused = [&](FilterItem item) {
    const ErrorDetails details = Refused(WithCondition({{std::move(item)}}));
    return Wrong(details.reason, details.violations.at(0).field);
  };
  const std::string at = "conditions[0].fail_if_match.items[0].";
  EXPECT_EQ(refused({.types = {"ok", std::string(256, 'x')}}),
            Wrong(ErrorReason::kLimitExceeded, at + "types[1]"));
  EXPECT_EQ(refused({.tags = {"\xff"}}), Wrong(ErrorReason::kInvalidUtf8, at + "tags[0]"));
  EXPECT_EQ(refused({.categories = {""}}),
            Wrong(ErrorReason::kMalformedName, at + "categories[0]"));
  EXPECT_EQ(refused({.correlation_ids = {"a\nb"}}),
            Wrong(ErrorReason::kMalformedName, at + "correlation_ids[0]"));
  EXPECT_TRUE(Check(WithCondition({{{.tags = {std::string(255, 'x'), "\xc3\xb6"}}}})).ok());
}

}  // namespace
}  // namespace nexus::engine
