// Definitions and data that want to cost more than they are worth. Each test ends in moments or
// the program runs into its time limit.

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "schema/avro/compat/compare.h"
#include "schema/avro/datum_maker.h"
#include "schema/avro/datum_resolver.h"

namespace nexus::schema {
namespace {

ErrorReason Refusal(const SchemaSource& source) {
  return ReasonOf(AvroSchemaValidator().Compile(source).status());
}

// So that a limit is reached in moments, also in a build for tests on a busy machine.
DatumLimits SmallLimits() {
  DatumLimits limits;
  limits.steps_max = 100'000;
  limits.output_bytes_max = 100'000;
  return limits;
}

std::shared_ptr<const CompiledAvroSchema> CompiledWith(const std::string& text,
                                                       const DatumLimits& limits) {
  AvroOptions options;
  options.datum = limits;
  auto schema = AvroSchemaValidator(options).Compile(text);
  if (!schema.ok()) return nullptr;
  return std::dynamic_pointer_cast<const CompiledAvroSchema>(*schema);
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(HostileAvroSchema, DepthBombsAreRefused) {
  EXPECT_EQ(Refusal(std::string(100'000, '[')), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(
      Refusal(Repeated(R"({"type":"array","items":)", 5000) + "\"int\"" + std::string(5000, '}')),
      ErrorReason::kSchemaInvalid);
  EXPECT_NE(CompiledAvro(Repeated(R"({"type":"array","items":)", 100) + "\"int\"" +
                         std::string(100, '}')),
            nullptr);
}

TEST(HostileAvroSchema, DuplicateKeysAreRefusedAtTheirPlace) {
  const auto schema = AvroSchemaValidator().Compile(std::string(
      R"({"type":"record","name":"R","fields":[{"name":"a","type":"int","type":"long"}]})"));
  const ErrorDetails details = DetailsOf(schema.status());
  EXPECT_EQ(details.reason, ErrorReason::kSchemaInvalid);
  ASSERT_EQ(details.violations.size(), 1u);
  EXPECT_EQ(details.violations[0].pointer, "/fields/0/type");
}

TEST(HostileAvroSchema, TextThatIsNoJsonIsRefused) {
  EXPECT_EQ(Refusal(std::string("")), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(Refusal(std::string("int")), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(Refusal(std::string("\"int\"\0", 6)), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(Refusal(std::string("\"\xff\"")), ErrorReason::kSchemaInvalid);
}

TEST(HostileAvroSchema, LongTextsAndManyTypesAreRefused) {
  EXPECT_EQ(Refusal(absl::StrCat("\"int\"", std::string(600'000, ' '))),
            ErrorReason::kSchemaInvalid);
  std::string fields;
  for (int i = 0; i < 12'000; ++i) {
    absl::StrAppend(&fields, i == 0 ? "" : ",", R"({"name":"f)", i, R"(","type":["int"]})");
  }
  EXPECT_EQ(Refusal(absl::StrCat(R"({"type":"record","name":"R","fields":[)", fields, "]}")),
            ErrorReason::kSchemaInvalid);
}

TEST(HostileAvroSchema, LongNamesAreRefused) {
  EXPECT_EQ(
      Refusal(absl::StrCat(R"({"type":"fixed","size":1,"name":")", std::string(300, 'n'), "\"}")),
      ErrorReason::kSchemaInvalid);
}

TEST(HostileAvroSchema, TypesNestedThroughReferencesAreBounded) {
  std::vector<SchemaReference> references;
  for (int i = 0; i < 2000; ++i) {
    references.push_back(
        {absl::StrCat("R", i),
         absl::StrCat(R"({"type":"record","name":"R)", i, R"(","fields":[{"name":"f","type":")",
                      i == 0 ? std::string("int") : absl::StrCat("R", i - 1), "\"}]}")});
  }
  EXPECT_EQ(Refusal(SchemaSource(R"("R1999")", references)), ErrorReason::kSchemaInvalid);
  EXPECT_NE(CompiledAvro(SchemaSource(R"("R100")", references)), nullptr);
}

// Each record has two of the one before it: 2 to the power of 60 values, in no bytes at all.
std::string Doubling(const std::string& leaf, const std::string& rest) {
  std::string text = absl::StrCat(R"([{"type":"record","name":"R0","fields":[{"name":"v","type":)",
                                  leaf, rest, "}]}");
  for (int i = 1; i <= 60; ++i) {
    const std::string before = absl::StrCat("R", i - 1);
    const std::string fall_back = rest.empty() ? "" : R"(,"default":{})";
    absl::StrAppend(&text, R"(,{"type":"record","name":"R)", i,
                    R"(","fields":[{"name":"a","type":")", before, "\"", fall_back,
                    R"(},{"name":"b","type":")", before, "\"", fall_back, "}]}");
  }
  return text + "]";
}

TEST(HostileAvroSchema, DoublingRecordsCostNothing) {
  const auto empty = CompiledWith(Doubling("\"null\"", ""), SmallLimits());
  ASSERT_NE(empty, nullptr);
  std::string last;
  AppendAvroLong(last, 60);
  EXPECT_TRUE(empty->Validate(last, 1)->empty());
  EXPECT_EQ(ReasonOf(empty->ToJson(last).status()), ErrorReason::kLimitExceeded);
  const auto full = CompiledAvro(Doubling("\"int\"", ""));
  ASSERT_NE(full, nullptr);
  EXPECT_FALSE(full->Validate(last + std::string(1000, '\0'), 1)->empty());
}

TEST(HostileAvroSchema, DoublingDefaultsAreBounded) {
  EXPECT_NE(CompiledAvro(Doubling("\"null\"", R"(,"default":null)")), nullptr);
  EXPECT_EQ(Refusal(Doubling("\"int\"", R"(,"default":1)")), ErrorReason::kSchemaInvalid);
}

TEST(HostileAvroSchema, DefaultsThatHoldThemselvesAreRefused) {
  EXPECT_EQ(Refusal(std::string(R"({"type":"record","name":"R","fields":[
                {"name":"r","type":["R","null"],"default":{}}]})")),
            ErrorReason::kSchemaInvalid);
  EXPECT_NE(CompiledAvro(std::string(R"({"type":"record","name":"R","fields":[
                {"name":"r","type":{"type":"array","items":"R"},"default":[]}]})")),
            nullptr);
}

TEST(HostileAvroSchema, DefaultsInUnionsInUnionsAreBounded) {
  // Every level offers two records that both look right until the innermost value.
  std::string type = "\"int\"";
  std::string value = "\"no number\"";
  for (int i = 0; i < 20; ++i) {
    type = absl::StrCat(R"([{"type":"record","name":"A)", i, R"(","fields":[{"name":"f","type":)",
                        type, R"(}]},{"type":"record","name":"B)", i,
                        R"(","fields":[{"name":"f","type":"A)", i, R"("}]}])");
    value = absl::StrCat(R"({"f":)", value, "}");
  }
  EXPECT_EQ(Refusal(absl::StrCat(R"({"type":"record","name":"R","fields":[{"name":"f","type":)",
                                 type, R"(,"default":)", value, "}]}")),
            ErrorReason::kSchemaInvalid);
}

TEST(HostileAvroDatum, LengthsAreNotBelieved) {
  for (const char* definition :
       {R"("string")", R"("bytes")", R"({"type":"array","items":"int"})",
        R"({"type":"map","values":"int"})", R"({"type":"fixed","name":"F","size":2147483647})",
        R"({"type":"array","items":{"type":"fixed","name":"F","size":2147483647}})"}) {
    const auto schema = CompiledAvro(std::string(definition));
    for (const int64_t length : {int64_t{1} << 20, int64_t{1} << 40, INT64_MAX, INT64_MIN}) {
      std::string data;
      AppendAvroLong(data, length);
      data += "0123456789";
      EXPECT_FALSE(schema->Validate(data, 1)->empty()) << definition << " " << length;
      EXPECT_FALSE(schema->ToJson(data).ok());
    }
  }
}

TEST(HostileAvroDatum, EmptyItemsAreCountedOverTheWholeDatum) {
  const auto schema = CompiledAvro(std::string(
      R"({"type":"array","items":{"type":"array","items":{"type":"fixed","name":"F","size":0}}})"));
  const auto datum = [](int arrays) {
    std::string data;
    AppendAvroLong(data, arrays);
    for (int i = 0; i < arrays; ++i) {
      AppendAvroLong(data, 50'000);
      AppendAvroLong(data, 0);
    }
    AppendAvroLong(data, 0);
    return data;
  };
  EXPECT_TRUE(schema->Validate(datum(2), 1)->empty());
  EXPECT_FALSE(schema->Validate(datum(3), 1)->empty());
}

TEST(HostileAvroDatum, ManyFieldsWithoutBytesAreBounded) {
  std::string fields = R"({"name":"i","type":"int"})";
  for (int i = 0; i < 10'000; ++i) {
    absl::StrAppend(&fields, R"(,{"name":"n)", i, R"(","type":"null"})");
  }
  const auto schema =
      CompiledWith(absl::StrCat(R"({"type":"array","items":{"type":"record","name":"R","fields":[)",
                                fields, "]}}"),
                   SmallLimits());
  ASSERT_NE(schema, nullptr);
  std::string data;
  AppendAvroLong(data, 100'000);
  data += std::string(100'001, '\0');
  EXPECT_EQ(ReasonOf(schema->Validate(data, 1).status()), ErrorReason::kLimitExceeded);
}

TEST(HostileAvroDatum, KeysOfALargeMapAreCompared) {
  const auto schema = CompiledAvro(std::string(R"({"type":"map","values":"null"})"));
  std::string keys;
  for (int i = 0; i < 20'000; ++i) AppendAvroBytes(keys, absl::StrCat("key", i));
  std::string data;
  AppendAvroLong(data, 20'000);
  EXPECT_TRUE(schema->Validate(data + keys + '\0', 1)->empty());
  std::string again;
  AppendAvroLong(again, 1);
  AppendAvroBytes(again, "key19999");
  const auto violations = schema->Validate(data + keys + again + '\0', 1);
  ASSERT_EQ(violations->size(), 1u);
  EXPECT_EQ(violations->front().keyword, "map");
}

// Bytes of no kind at all, against schemas of every kind: nothing breaks, and all readers agree.
TEST(HostileAvroDatum, RandomBytesAreValidOrRefused) {
  std::mt19937 random(20261126);
  int valid = 0;
  for (uint32_t seed = 0; seed < 150; ++seed) {
    const auto schema = CompiledAvro(DatumMaker(seed).Schema(false).first);
    ASSERT_NE(schema, nullptr) << seed;
    for (int i = 0; i < 50; ++i) {
      std::string data(random() % 24, '\0');
      // Small numbers are lengths and indexes that fit.
      for (char& c : data) c = static_cast<char>(random() % 4 == 0 ? random() : random() % 8);
      const auto violations = schema->Validate(data, 1);
      ASSERT_TRUE(violations.ok());
      EXPECT_EQ(violations->empty(), schema->ToJson(data).ok());
      valid += violations->empty() ? 1 : 0;
    }
  }
  EXPECT_GT(valid, 50);
}

TEST(HostileAvroSchema, DamagedDefinitionsAreSchemasOrRefused) {
  std::mt19937 random(20261126);
  int refused = 0;
  for (uint32_t seed = 0; seed < 150; ++seed) {
    const std::string text = DatumMaker(seed).Schema(false).first;
    for (int i = 0; i < 20; ++i) {
      std::string damaged = text;
      const size_t at = random() % damaged.size();
      if (random() % 2 == 0) {
        damaged[at] = static_cast<char>(random());
      } else {
        damaged.erase(at, 1 + random() % 8);
      }
      const auto schema = AvroSchemaValidator().Compile(damaged);
      if (schema.ok()) continue;
      ++refused;
      EXPECT_EQ(ReasonOf(schema.status()), ErrorReason::kSchemaInvalid);
    }
  }
  EXPECT_GT(refused, 1500);
}

}  // namespace
}  // namespace nexus::schema
