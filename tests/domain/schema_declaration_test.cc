#include "domain/schema_declaration.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::domain {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<SchemaDeclaration> Parse(const std::string& spec) {
  schema::SimdJsonReader json;
  return ParseSchema({Kind::kSchema, "Made", "", spec}, json);
}

TEST(SchemaDeclarationTest, ReadsWhatAFolderSays) {
  const auto read = Parse(R"({"file":"Made.json","earlier":["Made.1.json","Made.2.json"]})");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->format, SchemaFormat::kJsonSchema);
  EXPECT_EQ(read->file, "Made.json");
  EXPECT_THAT(read->earlier, ElementsAre("Made.1.json", "Made.2.json"));
  EXPECT_EQ(Parse(R"({"format":"avro","definition":{"type":"string"}})")->definition,
            R"({"type":"string"})");
}

TEST(SchemaDeclarationTest, SaysWhatIsWrong) {
  for (const auto& [spec, message] :
       {std::pair("{}", "either file or definition"),
        {R"({"file":"a","definition":{}})", "either file or definition"},
        {R"({"format":"protobuf","definition":{}})", "stands in a file"},
        {R"({"file":"a","earlier":"b"})", "/spec/earlier"},
        {R"({"file":"a","versions":[]})", "/spec/versions"},
        {R"({"file":"a","format":"xml"})", "'xml' is not known"}}) {
    const absl::Status status = Parse(spec).status();
    EXPECT_EQ(ReasonOf(status), ErrorReason::kMalformedRequest) << spec;
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }
}

}  // namespace
}  // namespace nexus::domain
