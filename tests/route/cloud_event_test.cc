#include "route/cloud_event.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "route/compact_json.h"

namespace nexus::route {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

RecordedEvent Paid() {
  RecordedEvent event;
  event.position = Position(42);
  event.revision = Revision(7);
  event.recorded = Timestamp{1'700'000'000'123'456};
  event.id.bytes[15] = 9;
  event.stream = "order-1";
  event.type = "order-paid";
  event.schema_version = 3;
  event.content_type = "application/json";
  event.data = "{ \"amount\" : 1.50 }";
  event.correlation_id = "c-1";
  event.causation_id = "e-0";
  event.traceparent = "00-aa-bb-01";
  event.tracestate = "x=1";
  return event;
}

TEST(CloudEventTest, NamesEveryAttribute) {
  EXPECT_THAT(
      ToCloudAttributes(Paid()),
      ElementsAre(Pair("specversion", "1.0"), Pair("id", "00000000-0000-0000-0000-000000000009"),
                  Pair("source", "/nexus/default/order"), Pair("type", "order-paid.v3"),
                  Pair("subject", "order-1"), Pair("time", "2023-11-14T22:13:20.123456Z"),
                  Pair("partitionkey", "order-1"), Pair("sequence", "7"),
                  Pair("nexusposition", "42"), Pair("nexuscorrelationid", "c-1"),
                  Pair("nexuscausationid", "e-0"), Pair("traceparent", "00-aa-bb-01"),
                  Pair("tracestate", "x=1")));
}

TEST(CloudEventTest, LeavesOutWhatTheEventDoesNotHave) {
  RecordedEvent event = Paid();
  event.schema_version = 0;
  event.causation_id = event.correlation_id = event.traceparent = event.tracestate = "";
  const std::string json = ToCloudJson(event);
  EXPECT_THAT(json, HasSubstr("\"type\":\"order-paid\""));
  EXPECT_THAT(json, Not(HasSubstr("nexuscausationid")));
  EXPECT_THAT(json, Not(HasSubstr("trace")));
}

TEST(CloudEventTest, IsOneLineOfJson) {
  RecordedEvent event = Paid();
  event.data = "{\n \"a\": [1,\n2]\n}\n";
  EXPECT_EQ(ToCloudJson(event),
            "{\"specversion\":\"1.0\",\"id\":\"00000000-0000-0000-0000-000000000009\","
            "\"source\":\"/nexus/default/order\",\"type\":\"order-paid.v3\","
            "\"subject\":\"order-1\",\"time\":\"2023-11-14T22:13:20.123456Z\","
            "\"partitionkey\":\"order-1\",\"sequence\":\"7\",\"nexusposition\":\"42\","
            "\"nexuscorrelationid\":\"c-1\",\"nexuscausationid\":\"e-0\","
            "\"traceparent\":\"00-aa-bb-01\",\"tracestate\":\"x=1\","
            "\"datacontenttype\":\"application/json\",\"data\":{\"a\":[1,2]}}");
}

TEST(CloudEventTest, EmbedsAnyMediaTypeThatIsJson) {
  for (const char* type : {"application/vnd.x+json", "Application/JSON; charset=utf-8"}) {
    RecordedEvent event = Paid();
    event.content_type = type;
    EXPECT_THAT(ToCloudJson(event), HasSubstr("\"data\":{\"amount\":1.50}")) << type;
  }
}

TEST(CloudEventTest, EncodesOtherDataAsBase64) {
  RecordedEvent event = Paid();
  event.content_type = "application/octet-stream";
  event.data = absl::string_view("\x00\xff\n", 3);
  EXPECT_THAT(ToCloudJson(event), HasSubstr("\"data_base64\":\"AP8K\""));
}

// What calls itself JSON and is none must not break the line.
TEST(CloudEventTest, EncodesMalformedJsonAsBase64) {
  RecordedEvent event = Paid();
  event.data = "{\"a\":1}\n{\"b\":2}";
  const std::string json = ToCloudJson(event);
  EXPECT_THAT(json, HasSubstr("\"data_base64\":"));
  EXPECT_THAT(json, Not(HasSubstr("\n")));
}

TEST(CloudEventTest, HasNoDataWhereThereIsNone) {
  RecordedEvent event = Paid();
  event.content_type = "text/plain";
  event.data = "";
  EXPECT_THAT(ToCloudJson(event), Not(HasSubstr("data_base64")));
}

TEST(CloudEventTest, EscapesWhatAStreamNameMayHold) {
  RecordedEvent event = Paid();
  event.stream = "a\"b\\ \xC3\xA4/-1";
  const std::string json = ToCloudJson(event);
  EXPECT_THAT(json, HasSubstr("\"subject\":\"a\\\"b\\\\ \xC3\xA4/-1\""));
  EXPECT_THAT(json, HasSubstr("\"source\":\"/nexus/default/a%22b%5C%20%C3%A4%2F\""));
}

TEST(CloudEventTest, EscapesControlCharacters) {
  RecordedEvent event = Paid();
  event.correlation_id = absl::string_view("a\n\t\r\x01", 5);
  EXPECT_THAT(ToCloudJson(event), HasSubstr("\"a\\n\\t\\r\\u0001\""));
}

TEST(CloudEventTest, TakesItsSourceFromTheConfiguration) {
  EXPECT_THAT(ToCloudJson(Paid(), "/nexus/acme"), HasSubstr("\"source\":\"/nexus/acme/order\""));
}

TEST(CompactJsonTest, KeepsTokensAsTheyAre) {
  const struct {
    const char* in;
    const char* out;
  } rows[] = {
      {" 1 ", "1"},
      {"-0.50e+07", "-0.50e+07"},
      {"0", "0"},
      {"123456789012345678901234567890", "123456789012345678901234567890"},
      {"\t[ ]\r\n", "[]"},
      {"{ }", "{}"},
      {"[ true , false,null ]", "[true,false,null]"},
      {"{\"a b\" : \" \\u00e4\\n\\\" \" , \"c\":{}}", "{\"a b\":\" \\u00e4\\n\\\" \",\"c\":{}}"},
  };
  for (const auto& row : rows) EXPECT_EQ(CompactJson(row.in), row.out) << row.in;
}

TEST(CompactJsonTest, RefusesWhatIsNotOneDocument) {
  for (const char* bad :
       {"",           " ",   "{",        "[1",      "[1,]",        "{\"a\"}", "{\"a\":}", "{a:1}",
        "{\"a\":1,}", "01",  "1.",       "-",       "1e",          ".5",      "+1",       "tru",
        "nul",        "\"a", "\"a\nb\"", "\"\\x\"", "\"\\u12g4\"", "\"\\u1",  "\"\\",     "1 2",
        "{}{}",       "NaN", "'a'",      "[1}",     "/**/1"}) {
    EXPECT_EQ(CompactJson(bad), std::nullopt) << bad;
  }
}

TEST(CompactJsonTest, RefusesToGoTooDeep) {
  const std::string fits = std::string(200, '[') + std::string(200, ']');
  EXPECT_TRUE(CompactJson(fits).has_value());
  EXPECT_FALSE(CompactJson(std::string(1'000'000, '[')).has_value());
}

}  // namespace
}  // namespace nexus::route
