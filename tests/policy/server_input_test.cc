#include "policy/server_input.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace nexus::policy {
namespace {

using testing::HasSubstr;
using testing::Not;

const PrincipalFacts kAda{"ada", true, "token", {"reader"}};
constexpr int64_t kSecond = 1'000'000;

TEST(ReadInput, HasEveryFieldOfTheReference) {
  const EventFilter filter{{FilterItem{.types = {"Placed"}, .categories = {"order"}}}};
  EXPECT_EQ(
      ReadInput({.call = "read", .stream = "order-42", .events_max = 10, .filter = &filter}, kAda),
      R"({"operation":"read","tenant":0,)"
      R"("principal":{"name":"ada","authenticated":true,"method":"token",)"
      R"("roles":["reader"]},"call":"read",)"
      R"("stream":{"name":"order-42","category":"order","system":false},)"
      R"("whole_log":false,"system_events":false,)"
      R"("filter":[{"types":["Placed"],"type_prefixes":[],"stream_prefixes":[],)"
      R"("categories":["order"],"tags":[],"correlation_ids":[]}],"events_max":10})");
}

TEST(ReadInput, SaysWhetherTheServersStreamsAreRead) {
  EXPECT_THAT(ReadInput({.call = "read", .system_events = true}, kAda),
              HasSubstr(R"("whole_log":true,"system_events":true)"));
  EXPECT_THAT(ReadInput({.call = "read", .stream = "$schemas"}, kAda),
              HasSubstr(R"("category":"$schemas","system":true},"whole_log":false,)"
                        R"("system_events":true)"));
}

TEST(SubscribeInput, IsTheSameUnderItsOwnName) {
  EXPECT_THAT(SubscribeInput({.call = "subscribe", .stream = "order-1"}, kAda),
              HasSubstr(R"({"operation":"subscribe",)"));
}

TEST(QueryInput, TellsTheSpanInWholeSecondsUpwards) {
  const std::string input = QueryInput({.call = "read",
                                        .from_time = Timestamp{100 * kSecond},
                                        .to_time = Timestamp{110 * kSecond + 1},
                                        .now = Timestamp{500 * kSecond},
                                        .temporal_reads_left = 3},
                                       kAda);
  EXPECT_THAT(input, HasSubstr(R"("time":{"from_the_beginning":false,"to_the_end":false,"now":500,)"
                               R"("to":110,"from":100,"span":11,"age":400})"));
  EXPECT_THAT(input, HasSubstr(R"("rate":{"limited":true,"temporal_reads_left":3})"));
}

TEST(QueryInput, TakesNowForTheEndAndHasNoSpanWithoutABeginning) {
  EXPECT_THAT(
      QueryInput(
          {.call = "read", .from_time = Timestamp{100 * kSecond}, .now = Timestamp{160 * kSecond}},
          kAda),
      HasSubstr(R"("to_the_end":true,"now":160,"from":100,"span":60,"age":60})"));
  const std::string open = QueryInput(
      {.call = "read", .to_time = Timestamp{9 * kSecond}, .now = Timestamp{kSecond}}, kAda);
  EXPECT_THAT(open, HasSubstr(R"("from_the_beginning":true)"));
  EXPECT_THAT(open, Not(HasSubstr("span")));
  EXPECT_THAT(open, HasSubstr(R"("rate":{"limited":false})"));
}

TEST(AdminInput, NamesTheAction) {
  EXPECT_THAT(AdminInput({.action = "drain"}, kAda),
              HasSubstr(R"("roles":["reader"]},"action":"drain"})"));
}

TEST(AccessChangeInput, HasEveryFieldOfTheReference) {
  EXPECT_THAT(AccessChangeInput({.action = "create_token",
                                 .member = "billing",
                                 .roles = {"writer"},
                                 .operations = {"append"},
                                 .expires = true,
                                 .comment = "for \"billing\""},
                                kAda),
              HasSubstr(R"("action":"create_token","id":"","member":"billing",)"
                        R"("roles":["writer"],"operations":["append"],"system_streams":false,)"
                        R"("deny":false,"expires":true,"comment":"for \"billing\""})"));
}

TEST(CommandInput, HasEveryFieldOfTheReference) {
  const std::vector<std::pair<std::string, std::string>> metadata = {{"ticket", "7"},
                                                                     {"reason", "late"}};
  EXPECT_EQ(CommandInput({.type = "CancelOrder",
                          .aggregate = "order",
                          .domain = "orders",
                          .stream = "order-42",
                          .metadata = &metadata},
                         kAda),
            R"({"operation":"execute","tenant":0,)"
            R"("principal":{"name":"ada","authenticated":true,"method":"token",)"
            R"("roles":["reader"]},)"
            R"("command":{"type":"CancelOrder","aggregate":"order","domain":"orders",)"
            R"("metadata":{"reason":"late","ticket":"7"}},)"
            R"("stream":{"name":"order-42","category":"order"}})");
  EXPECT_THAT(CommandInput({.type = "Do", .data_json = "{}"}, kAda),
              HasSubstr(R"("metadata":{},"data":{}})"));
}

}  // namespace
}  // namespace nexus::policy
