// What docs/evidence/bad-input.md lists for JSON Schema and is not in hostile_test.cc: schemas and
// data that ask for too much, or say the same twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::shared_ptr<const CompiledSchema> SchemaOf(const std::string& text) {
  auto compiled = JsonSchemaValidator().Compile(text);
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return compiled.ok() ? *std::move(compiled) : nullptr;
}

std::string RefusalOf(const std::string& text) {
  const auto compiled = JsonSchemaValidator().Compile(text);
  if (compiled.ok()) return "";
  EXPECT_EQ(ReasonOf(compiled.status()), ErrorReason::kSchemaInvalid);
  return std::string(compiled.status().message());
}

std::string TenThousand(const char* keyword) {
  std::string text = absl::StrCat("{\"", keyword, "\":[");
  for (int i = 0; i < 10'000; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", R"({"required":["k)", i, R"("],"properties":{"k)", i,
                    R"(":{"type":"integer"}}})");
  }
  return text + "]}";
}

TEST(BadInputJson, TenThousandBranchesAreLookedThrough) {
  for (const char* keyword : {"anyOf", "oneOf"}) {
    const auto schema = SchemaOf(TenThousand(keyword));
    ASSERT_NE(schema, nullptr);
    EXPECT_THAT(*schema->Validate(R"({"k9999":1})", 10), IsEmpty());
    EXPECT_THAT(*schema->Validate(R"({"k10000":1})", 10), SizeIs(1));
  }
}

TEST(BadInputJson, APatternThatOthersBacktrackOnIsLinear) {
  const auto schema = SchemaOf(R"x({"pattern":"^(a+)+$"})x");
  const std::string text(200'000, 'a');
  EXPECT_THAT(*schema->Validate(absl::StrCat("\"", text, "\""), 10), IsEmpty());
  EXPECT_THAT(*schema->Validate(absl::StrCat("\"", text, "b\""), 10), SizeIs(1));
}

TEST(BadInputJson, ASchemaThatNamesAKeywordTwiceIsRefused) {
  EXPECT_THAT(RefusalOf(R"({"minimum":1,"minimum":2})"), HasSubstr("/minimum is there twice"));
  EXPECT_THAT(RefusalOf(R"({"properties":{"a":true,"\u0061":false}})"),
              HasSubstr("/properties/a is there twice"));
}

TEST(BadInputJson, HugeNumbersOfASchemaAreRefusedOrExact) {
  EXPECT_THAT(RefusalOf(R"({"minimum":1e400})"), HasSubstr("at byte 11"));
  EXPECT_THAT(RefusalOf(R"({"maximum":18446744073709551616})"), HasSubstr("at byte 11"));
  const auto schema = SchemaOf(R"({"minimum":18446744073709551615})");
  EXPECT_THAT(*schema->Validate("18446744073709551615", 10), IsEmpty());
  EXPECT_THAT(*schema->Validate("18446744073709551614", 10), SizeIs(1));
  // Longer than any text.
  EXPECT_THAT(*SchemaOf(R"({"maxLength":1e30})")->Validate("\"a\"", 10), IsEmpty());
  EXPECT_THAT(*SchemaOf(R"({"minLength":1e30})")->Validate("\"a\"", 10), SizeIs(1));
}

// In digits alone this number would be an integer of more than 64 bits, which is refused.
TEST(BadInputJson, TheCanonicalFormOfALargeWholeNumberCanBeRead) {
  JsonSchemaValidator validator;
  const auto canonical = validator.Canonical(R"({"maximum":2.4479769652972277e20})");
  ASSERT_TRUE(canonical.ok()) << canonical.status();
  EXPECT_EQ(*canonical, R"({"maximum":2.4479769652972277e+20})");
  EXPECT_EQ(*validator.Canonical(*canonical), *canonical);
  EXPECT_EQ(*validator.Canonical("1e20"), "1e+20");
}

TEST(BadInputJson, AFloatWithoutAFractionIsAnInteger) {
  const auto schema = SchemaOf(R"({"type":"integer","maximum":3.0})");
  for (const char* data : {"1.0", "3.0", "2e0", "-0.0", "-1E+2"}) {
    EXPECT_THAT(*schema->Validate(data, 10), IsEmpty()) << data;
  }
  EXPECT_THAT(*schema->Validate("1.5", 10), SizeIs(1));
  EXPECT_THAT(*SchemaOf(R"({"maxItems":1.0})")->Validate("[1,2]", 10), SizeIs(1));
}

TEST(BadInputJson, ASchemaWithAByteOrderMarkIsRefused) {
  EXPECT_THAT(RefusalOf("\xef\xbb\xbf{}"), HasSubstr("at byte 0"));
}

TEST(BadInputJson, ASchemaWithHalfASurrogateIsRefused) {
  EXPECT_THAT(RefusalOf(R"({"const":"\ud800"})"), HasSubstr("surrogate"));
  EXPECT_THAT(RefusalOf("{\"const\":\"\xed\xa0\x80\"}"), HasSubstr("not valid UTF-8"));
  EXPECT_THAT(*SchemaOf(R"({"maxLength":1})")->Validate(R"("\ud83d\ude00")", 10), IsEmpty());
}

// The address of an empty view may be null.
TEST(BadInputJson, NothingAtAllIsEmptyText) {
  EXPECT_THAT(RefusalOf(std::string()), HasSubstr("it is empty"));
  const auto answer = SchemaOf("true")->Validate(absl::string_view(), 10);
  EXPECT_EQ(ReasonOf(answer.status()), ErrorReason::kMalformedJson);
}

}  // namespace
}  // namespace nexus::schema
