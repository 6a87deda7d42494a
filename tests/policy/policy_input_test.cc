#include "policy/policy_input.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "policy/event_kinds.h"

namespace nexus::policy {
namespace {

Event Placed(const std::string& data = "{}") {
  Event event;
  event.type = "OrderPlaced";
  event.content_type = "application/json";
  event.data = data;
  return event;
}

Commit CommitOf(const std::vector<Event>& events) {
  Commit commit;
  commit.streams.push_back({StreamName::Literal("order-42"), ExpectedRevision::Any()});
  for (const Event& event : events) commit.events.push_back({0, event});
  return commit;
}

std::vector<SchemaFacts> Registered(size_t n) {
  return std::vector<SchemaFacts>(n, {true, 3, true});
}

std::string InputOf(const Commit& commit, bool with_data = false) {
  return AppendInput(commit, {}, Registered(commit.events.size()), {with_data});
}

std::vector<uint64_t> Counts(const Commit& commit, const std::vector<SchemaFacts>& schemas,
                             bool with_data = false) {
  std::vector<uint64_t> counts;
  for (const EventKind& kind : GroupEvents(commit, schemas, with_data))
    counts.push_back(kind.count);
  return counts;
}

std::vector<uint64_t> Counts(const Commit& commit) {
  return Counts(commit, Registered(commit.events.size()));
}

using Numbers = std::vector<uint64_t>;

TEST(AppendInput, HasEveryFieldOfTheReference) {
  Event event = Placed(std::string(256, 'x'));
  event.tags = {"region:eu"};
  event.metadata = {{"owner", "team-orders"}};
  event.routing = {Criticality::kHigh, 0.9, true, 250};
  Commit commit = CommitOf({event, event});
  commit.tenant = 7;
  commit.streams[0].expected = ExpectedRevision::Exactly(6);
  const PrincipalFacts principal{"billing", true, "token", {"writer", "reader"}};
  EXPECT_EQ(AppendInput(commit, principal, Registered(2), {}),
            R"({"operation":"append","tenant":7,)"
            R"("principal":{"name":"billing","authenticated":true,"method":"token",)"
            R"("roles":["writer","reader"]},)"
            R"("streams":[{"name":"order-42","category":"order","system":false,)"
            R"("expected":{"kind":"exact","revision":6}}],)"
            R"("events":[{"stream":"order-42","category":"order","type":"OrderPlaced",)"
            R"("schema":{"registered":true,"version":3,"required":true},)"
            R"("content_type":"application/json","tags":["region:eu"],)"
            R"("metadata":{"owner":"team-orders"},)"
            R"("routing":{"criticality":"high","business_impact":0.9,)"
            R"("requires_ordering":true,"max_latency_ms":250},)"
            R"("count":2,"first_index":0,"bytes_max":256}]})");
}

TEST(AppendInput, NamesEveryExpectation) {
  Commit commit = CommitOf({Placed()});
  const auto has = [&](ExpectedRevision expected, const std::string& text) {
    commit.streams[0].expected = expected;
    return InputOf(commit).find(text) != std::string::npos;
  };
  EXPECT_TRUE(has(ExpectedRevision::Any(), R"("expected":{"kind":"any"})"));
  EXPECT_TRUE(has(ExpectedRevision::NoStream(), R"("expected":{"kind":"no_stream"})"));
  EXPECT_TRUE(has(ExpectedRevision::StreamExists(), R"("expected":{"kind":"stream_exists"})"));
  EXPECT_TRUE(has(ExpectedRevision::Exactly(0), R"("expected":{"kind":"exact","revision":0})"));
}

TEST(AppendInput, NamesEveryCriticality) {
  Event event = Placed();
  const auto has = [&](Criticality criticality, const std::string& name) {
    event.routing.criticality = criticality;
    return InputOf(CommitOf({event})).find("\"criticality\":\"" + name + "\"") != std::string::npos;
  };
  EXPECT_TRUE(has(Criticality::kUnspecified, "unspecified"));
  EXPECT_TRUE(has(Criticality::kLow, "low"));
  EXPECT_TRUE(has(Criticality::kMedium, "medium"));
  EXPECT_TRUE(has(Criticality::kHigh, "high"));
}

TEST(AppendInput, SaysWhichStreamsAreTheServersOwn) {
  Commit commit = CommitOf({Placed()});
  commit.streams.push_back({StreamName::Literal("$schemas"), {}});
  EXPECT_NE(InputOf(commit).find(R"({"name":"$schemas","category":"$schemas","system":true)"),
            std::string::npos);
}

TEST(AppendInput, NeverHoldsAPayloadUnlessAsked) {
  EXPECT_EQ(InputOf(CommitOf({Placed("secret")})).find("secret"), std::string::npos);
}

TEST(AppendInput, HoldsAPayloadAsAStringThatCannotBreakOut) {
  const Commit commit = CommitOf({Placed(R"("},"principal":{"name":"root"})")});
  EXPECT_NE(InputOf(commit, true).find(R"("data":"\"},\"principal\":{\"name\":\"root\"}"})"),
            std::string::npos);
}

TEST(AppendInput, HoldsABinaryPayloadAsBase64) {
  const std::string input = InputOf(CommitOf({Placed("\xff\xfe")}), true);
  EXPECT_NE(input.find(R"("data_base64":"//4=")"), std::string::npos);
  EXPECT_EQ(input.find(R"("data":)"), std::string::npos);
}

TEST(AppendInput, HoldsAPayloadAsAValueWhereItIsGivenOne) {
  const Commit commit = CommitOf({Placed("\xff"), Placed("[1]"), Placed("opaque")});
  const std::vector<absl::string_view> json = {R"({"total":5})", "[1]", ""};
  const auto input = [&](bool with_data) {
    return AppendInput(commit, {}, Registered(3), {with_data, json});
  };
  EXPECT_NE(input(true).find(R"("data_base64":"/w==","data_json":{"total":5}})"),
            std::string::npos);
  EXPECT_NE(input(true).find(R"("data":"[1]","data_json":[1]})"), std::string::npos);
  EXPECT_NE(input(true).find(R"("data":"opaque"})"), std::string::npos);
  EXPECT_EQ(input(false).find("data_json"), std::string::npos);
}

TEST(AppendInput, EscapesWhatClientsChoose) {
  Event event = Placed();
  event.type = "a\"b";
  event.tags = {"\\"};
  event.metadata = {{"k\n", "v\x01"}};
  const std::string input = InputOf(CommitOf({event}));
  EXPECT_NE(input.find(R"("type":"a\"b")"), std::string::npos);
  EXPECT_NE(input.find(R"("tags":["\\"],"metadata":{"k\n":"v\u0001"})"), std::string::npos);
}

TEST(AppendInput, OfAHundredLikeEventsIsAsLongAsOfOne) {
  const std::string one = InputOf(CommitOf({Placed()}));
  const std::string hundred = InputOf(CommitOf(std::vector<Event>(100, Placed())));
  EXPECT_EQ(hundred.size(), one.size() + 2);  // "count":100
}

TEST(AppendInput, OfACommitWithoutEventsIsWellFormed) {
  EXPECT_NE(InputOf(CommitOf({})).find(R"("events":[]})"), std::string::npos);
}

TEST(EventKinds, AreOneForLikeEventsWhateverTheirPayload) {
  const Commit commit = CommitOf({Placed("1"), Placed("333"), Placed("22")});
  const std::vector<EventKind> kinds = GroupEvents(commit, Registered(3), false);
  ASSERT_EQ(kinds.size(), 1u);
  EXPECT_EQ(kinds[0].count, 3u);
  EXPECT_EQ(kinds[0].bytes_max, 3u);
}

TEST(EventKinds, IgnoreIdsAndTraces) {
  Event other = Placed();
  other.id.bytes[0] = 1;
  other.correlation_id = "c";
  other.causation_id = "d";
  other.traceparent = "t";
  EXPECT_EQ(Counts(CommitOf({Placed(), other})), Numbers({2}));
}

TEST(EventKinds, DifferByEverythingThatAPolicySees) {
  std::vector<Event> events(6, Placed());
  events[1].type = "OrderPaid";
  events[2].tags = {"x"};
  events[3].metadata = {{"k", "v"}};
  events[4].routing.business_impact = 0.5;
  events[5].content_type = "text/plain";
  EXPECT_EQ(Counts(CommitOf(events)), Numbers({1, 1, 1, 1, 1, 1}));
}

TEST(EventKinds, DifferByStream) {
  Commit commit = CommitOf({Placed(), Placed()});
  commit.streams.push_back({StreamName::Literal("order-43"), {}});
  commit.events[1].stream_index = 1;
  EXPECT_EQ(Counts(commit), Numbers({1, 1}));
}

TEST(EventKinds, DifferBySchemaFacts) {
  const Commit commit = CommitOf({Placed(), Placed(), Placed()});
  EXPECT_EQ(Counts(commit, {{true, 1, true}, {true, 2, true}, {true, 1, true}}), Numbers({2, 1}));
}

TEST(EventKinds, DifferByPayloadOnlyIfThatIsPartOfTheInput) {
  const Commit commit = CommitOf({Placed("a"), Placed("b"), Placed("a")});
  EXPECT_EQ(Counts(commit, Registered(3), true), Numbers({2, 1}));
}

TEST(EventKinds, FindTheirOthersInInterleavedEvents) {
  Event paid = Placed();
  paid.type = "OrderPaid";
  Event sent = Placed();
  sent.type = "OrderSent";
  const Commit commit = CommitOf({Placed(), paid, sent, Placed(), sent, paid, sent});
  const std::vector<EventKind> kinds = GroupEvents(commit, Registered(7), false);
  ASSERT_EQ(kinds.size(), 3u);
  EXPECT_EQ(kinds[0].count, 2u);
  EXPECT_EQ(kinds[1].count, 2u);
  EXPECT_EQ(kinds[2].count, 3u);
  EXPECT_EQ(kinds[2].first_index, 2u);
}

TEST(EventKinds, StayLinearForTenThousandDistinctEvents) {
  std::vector<Event> events(10'000, Placed());
  for (size_t i = 0; i < events.size(); ++i) events[i].metadata = {{"n", absl::StrCat(i)}};
  EXPECT_EQ(Counts(CommitOf(events)).size(), 10'000u);
}

TEST(RegisterSchemaInput, HasEveryFieldOfTheReference) {
  EXPECT_EQ(RegisterSchemaInput({0, "OrderPlaced", "adds \"x\"", 1204}, {}),
            R"({"operation":"register_schema","tenant":0,)"
            R"("principal":{"name":"anonymous","authenticated":false,"method":"none","roles":[]},)"
            R"("subject":"OrderPlaced","comment":"adds \"x\"","bytes":1204,)"
            R"("format":"JSON_SCHEMA"})");
}

TEST(UpdateCategoryInput, HasEveryFieldOfTheReference) {
  EXPECT_EQ(UpdateCategoryInput({0, "$schemas", "optional"}, {}),
            R"({"operation":"update_category","tenant":0,)"
            R"("principal":{"name":"anonymous","authenticated":false,"method":"none","roles":[]},)"
            R"("category":"$schemas","system":true,"schema_mode":"optional"})");
}

TEST(UpdateCompatibilityInput, HasEveryFieldOfTheReference) {
  CompatibilityRules rules;
  rules.mode = CompatibilityMode::kFullTransitive;
  EXPECT_EQ(
      UpdateCompatibilityInput({0, "order", "why", rules}, {}),
      R"({"operation":"update_compatibility","tenant":0,)"
      R"("principal":{"name":"anonymous","authenticated":false,"method":"none","roles":[]},)"
      R"("subject":"order","global":false,"clear":false,"comment":"why","mode":"FULL_TRANSITIVE",)"
      R"("policy":"NEXUS","flags":{"allow_new_fields":true,"require_defaults":true,)"
      R"("allow_field_removal":false,"allow_type_changes":false}})");
}

TEST(DeleteSchemaInput, HasEveryFieldOfTheReference) {
  EXPECT_EQ(DeleteSchemaInput({0, "order", 2, true, "why"}, {}),
            R"({"operation":"delete_schema","tenant":0,)"
            R"("principal":{"name":"anonymous","authenticated":false,"method":"none","roles":[]},)"
            R"("subject":"order","version":2,"permanent":true,"comment":"why"})");
}

TEST(UpdateValidationInput, HasEveryFieldOfTheReference) {
  EXPECT_EQ(UpdateValidationInput({0, "order", "REJECT", false, "slips"}, {}),
            R"({"operation":"update_validation","tenant":0,)"
            R"("principal":{"name":"anonymous","authenticated":false,"method":"none","roles":[]},)"
            R"("subject":"order","global":false,"undeclared_fields":"REJECT","clear":false,)"
            R"("comment":"slips"})");
}

TEST(UpdateModeInput, HasEveryFieldOfTheReference) {
  EXPECT_EQ(UpdateModeInput({0, "", "READONLY", false, "frozen"}, {}),
            R"({"operation":"update_registry_mode","tenant":0,)"
            R"("principal":{"name":"anonymous","authenticated":false,"method":"none","roles":[]},)"
            R"("subject":"","global":true,"mode":"READONLY","clear":false,"comment":"frozen"})");
}

}  // namespace
}  // namespace nexus::policy
