// What docs/evidence/bad-input.md lists for Avro and is not in hostile_test.cc.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/compat/compare.h"
#include "schema/avro/datum_writer.h"

namespace nexus::schema {
namespace {

ErrorReason RefusalReason(const std::string& text) {
  return ReasonOf(AvroSchemaValidator().Compile(text).status());
}

std::string UnionOf(int count) {
  std::string text = "[";
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ",", R"({"type":"fixed","size":0,"name":"F)", i, "\"}");
  }
  return text + "]";
}

TEST(BadInputAvro, AUnionOfManyBranchesIsLookedThrough) {
  const auto schema = CompiledAvro(UnionOf(9'000));
  ASSERT_NE(schema, nullptr);
  std::string last, beyond;
  AppendAvroLong(last, 8'999);
  AppendAvroLong(beyond, 9'000);
  EXPECT_TRUE(schema->Validate(last, 1)->empty());
  EXPECT_FALSE(schema->Validate(beyond, 1)->empty());
  const CompatibilityRules strict = {CompatibilityMode::kFull, CompatibilityPolicy::kStrict, {}};
  EXPECT_FALSE(JudgeAvro({UnionOf(3'000), UnionOf(2'999)}, strict).compatible());
}

// It would have no datum that ends.
TEST(BadInputAvro, ARecordThatHoldsItselfIsRefused) {
  EXPECT_EQ(RefusalReason(R"({"type":"record","name":"R","fields":[{"name":"r","type":"R"}]})"),
            ErrorReason::kSchemaInvalid);
}

TEST(BadInputAvro, HugeNumbersOfASchemaAreRefused) {
  for (const char* size : {"-1", "1.5", "1e400", "9223372036854775808", "18446744073709551616"}) {
    EXPECT_EQ(RefusalReason(absl::StrCat(R"({"type":"fixed","name":"F","size":)", size, "}")),
              ErrorReason::kSchemaInvalid)
        << size;
  }
}

TEST(BadInputAvro, AByteOrderMarkAndHalfASurrogateAreRefused) {
  EXPECT_EQ(RefusalReason("\xef\xbb\xbf\"int\""), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(RefusalReason(R"({"type":"int","doc":"\udc00"})"), ErrorReason::kSchemaInvalid);
}

TEST(BadInputAvro, ATextMustBeUtf8) {
  const auto schema = CompiledAvro(std::string("\"string\""));
  EXPECT_FALSE(schema->Validate("\x06\xed\xa0\x80", 1)->empty());
  EXPECT_TRUE(schema->Validate("\x06\xef\xbb\xbf", 1)->empty());  // a character like any other
}

}  // namespace
}  // namespace nexus::schema
