// Whether data that one version wrote can be read with another.

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "nexus/core/errors.h"
#include "schema/avro/avro_schema_validator.h"
#include "schema/json/json_schema_validator.h"

namespace nexus::schema {
namespace {

constexpr char kWriter[] = R"({"type":"record","name":"R","fields":[{"name":"a","type":"int"}]})";

std::shared_ptr<const CompiledSchema> Compiled(const std::string& definition) {
  AvroSchemaValidator validator;
  auto compiled = validator.Compile(SchemaSource(definition));
  EXPECT_TRUE(compiled.ok()) << compiled.status();
  return compiled.ok() ? *std::move(compiled) : nullptr;
}

// "valid", or the place and the keyword of the violation.
std::string Read(const std::string& reader, const std::string& hex) {
  const auto reading = Compiled(reader)->Reading(*Compiled(kWriter));
  if (!reading.ok()) return std::string(ReasonName(ReasonOf(reading.status())));
  const auto violations = (*reading)->Validate(absl::HexStringToBytes(hex), 10);
  if (!violations.ok()) return std::string(violations.status().message());
  if (violations->empty()) return "valid";
  return (*violations)[0].pointer + " " + (*violations)[0].keyword;
}

TEST(AvroReading, TakesTheDefaultOfAFieldThatTheWriterLacks) {
  EXPECT_EQ(Read(R"({"type":"record","name":"R","fields":[{"name":"a","type":"long"},)"
                 R"({"name":"b","type":"string","default":""}]})",
                 "02"),
            "valid");
}

TEST(AvroReading, NamesTheFieldThatCannotBeRead) {
  EXPECT_EQ(Read(R"({"type":"record","name":"R","fields":[{"name":"a","type":"string"}]})", "02"),
            "/a resolve");
}

TEST(AvroReading, DataThatTheWriterCannotHaveWrittenAreAViolation) {
  EXPECT_EQ(Read(kWriter, "0202"), " trailing");
}

TEST(AvroReading, NeedsAnAvroWriter) {
  JsonSchemaValidator json;
  const auto other = json.Compile(SchemaSource("true"));
  ASSERT_TRUE(other.ok());
  EXPECT_EQ(ReasonOf(Compiled(kWriter)->Reading(**other).status()), ErrorReason::kInternal);
}

}  // namespace
}  // namespace nexus::schema
