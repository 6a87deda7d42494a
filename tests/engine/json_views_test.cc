// What policies are shown of the data: JSON as it was written, other formats rendered.

#include "engine/json_views.h"

#include <memory>
#include <string>

#include "engine/engine_fixture.h"
#include "gmock/gmock.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/protobuf/protobuf_validator.h"

namespace nexus::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::shared_ptr<const CompiledSchema> Avro() {
  return *schema::AvroSchemaValidator().Compile(
      R"({"type":"record","name":"R","fields":[{"name":"s","type":"string"}]})");
}

std::shared_ptr<const CompiledSchema> Proto() {
  return *schema::ProtobufValidator().Compile(
      "syntax = \"proto3\"; message R { string a_name = 1; repeated R more = 2; }");
}

TEST(JsonViews, BorrowsJsonAndRendersTheRest) {
  JsonViews views(true, 1'000);
  const std::string json = R"({ "a": 1 })";
  ASSERT_TRUE(views.Add(*Avro(), SchemaFormat::kJsonSchema, json).ok());
  views.AddNone();
  ASSERT_TRUE(views.Add(*Avro(), SchemaFormat::kAvro, "\x04s1").ok());
  ASSERT_TRUE(views.Add(*Proto(), SchemaFormat::kProtobuf, "\x0a\x01x").ok());
  EXPECT_THAT(views.views(), ElementsAre(json, "", R"({"s":"s1"})", R"({"a_name":"x"})"));
  EXPECT_EQ(views.views()[0].data(), json.data());
}

TEST(JsonViews, RendersNothingThatNobodyWants) {
  JsonViews views(false, 0);
  views.AddNone();
  ASSERT_TRUE(views.Add(*Avro(), SchemaFormat::kAvro, "not even Avro").ok());
  EXPECT_THAT(views.views(), IsEmpty());
}

TEST(JsonViews, RefusesMoreThanItsBound) {
  JsonViews views(true, 15);
  ASSERT_TRUE(views.Add(*Avro(), SchemaFormat::kAvro, "\x04s1").ok());
  EXPECT_EQ(ReasonOf(views.Add(*Avro(), SchemaFormat::kAvro, "\x04s1")),
            ErrorReason::kLimitExceeded);
}

TEST(JsonViews, OneMessageIsBoundedToo) {
  schema::ProtobufOptions options;
  options.json_bytes_max = 100;
  const auto schema = *schema::ProtobufValidator(options).Compile(
      "syntax = \"proto3\"; message R { string a_name = 1; repeated R more = 2; }");
  std::string data;
  for (int i = 0; i < 33; ++i) data += std::string("\x12\0", 2);  // {}, in {"more":[...]}
  JsonViews views(true, 1'000);
  EXPECT_EQ(ReasonOf(views.Add(*schema, SchemaFormat::kProtobuf, data)),
            ErrorReason::kLimitExceeded);
  EXPECT_TRUE(views.Add(*schema, SchemaFormat::kProtobuf, data.substr(0, 60)).ok());
}

class PolicyDataTest : public EngineFixture {
 protected:
  bool PolicySeesData() const override { return true; }
  std::string Asked() { return policy_.questions().back().input_json; }
};

TEST_F(PolicyDataTest, ThePolicySeesTheDataAsAValue) {
  RegisterOrderSchema();
  ASSERT_TRUE(Append("order-1", "order.placed", R"({"total":5})").ok());
  EXPECT_THAT(Asked(), HasSubstr(R"("data":"{\"total\":5}","data_json":{"total":5}})"));
}

TEST_F(PolicyDataTest, DataThatBreakTheirSchemaAreNoValue) {
  RegisterOrderSchema();
  EXPECT_EQ(ReasonOf(Append("order-1", "order.placed", R"({"total":-5})").status()),
            ErrorReason::kSchemaViolation);
  EXPECT_THAT(Asked(), HasSubstr(R"("data":"{\"total\":-5}")"));
  EXPECT_THAT(Asked(), Not(HasSubstr("data_json")));
}

TEST_F(PolicyDataTest, BytesThatNoSchemaJudgesAreNoValue) {
  SetCategory("note", false);
  CommitDraft draft = Draft("note-1", "noted", R"({"a":1})");
  draft.streams[0].events[0].content_type = "text/plain";
  ASSERT_TRUE(AppendDraft(std::move(draft)).ok());
  EXPECT_THAT(Asked(), Not(HasSubstr("data_json")));
  ASSERT_TRUE(Append("note-1", "noted", R"({"a":1})").ok());
  EXPECT_THAT(Asked(), HasSubstr(R"("data_json":{"a":1})"));
}

}  // namespace
}  // namespace nexus::engine
