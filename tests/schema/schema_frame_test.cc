#include "schema/schema_frame.h"

#include <memory>
#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/schema_content.h"

namespace nexus::schema {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Pair;

// Three subjects with the ids 1 (JSON), 2 (Protobuf) and 3 (Avro); id 3 is in a second one too.
class SchemaFrameTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Add("json", 1, 1, SchemaFormat::kJsonSchema, 'a');
    Add("proto", 1, 2, SchemaFormat::kProtobuf, 'b');
    Add("avro", 1, 3, SchemaFormat::kAvro, 'c');
    Add("json", 2, 4, SchemaFormat::kJsonSchema, 'd');
    Add("other", 1, 3, SchemaFormat::kAvro, 'c');
  }
  void Add(const char* subject, uint32_t version, uint32_t id, SchemaFormat format, char digest) {
    auto record = std::make_shared<SchemaRecord>();
    record->subject = subject;
    record->version = version;
    record->id = id;
    record->format = format;
    record->digest = std::string(64, digest);
    catalog_.Add(std::move(record));
  }
  static std::string Id(char id, absl::string_view rest) {
    return absl::StrCat(std::string("\0\0\0\0", 4), std::string(1, id), rest);
  }
  static std::string GuidBytes(char digest) {
    std::string digits;
    for (const char c : GuidOf(std::string(64, digest))) {
      if (c != '-') digits += c;
    }
    return "\x01" + absl::HexStringToBytes(digits);
  }
  absl::Status Fault(absl::string_view subject, absl::string_view bytes) {
    return ResolveFrame(catalog_, subject, bytes).status();
  }
  static std::string Cause(const absl::Status& status) {
    EXPECT_EQ(ReasonOf(status), ErrorReason::kSchemaNotRegistered) << status;
    for (const auto& [key, value] : DetailsOf(status).metadata) {
      if (key == "cause") return value;
    }
    return "";
  }

  SchemaCatalog catalog_{SchemaMode::kRequired};
};

TEST_F(SchemaFrameTest, ResolvesAnIdAndAGuidToTheVersionOfTheSubject) {
  const auto id = ResolveFrame(catalog_, "json", Id(4, "{}"));
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(id->record->version, 2u);
  EXPECT_EQ(id->bytes, 5u);
  const auto guid = ResolveFrame(catalog_, "json", GuidBytes('a') + "{}");
  ASSERT_TRUE(guid.ok()) << guid.status();
  EXPECT_EQ(guid->record->version, 1u);
  EXPECT_EQ(guid->bytes, 17u);
  const auto shared = ResolveFrame(catalog_, "other", Id(3, ""));
  ASSERT_TRUE(shared.ok()) << shared.status();
  EXPECT_EQ(shared->record->subject, "other");
}

TEST_F(SchemaFrameTest, TakesTheMessageIndexesOffProtobufAlone) {
  const auto proto = ResolveFrame(catalog_, "proto", Id(2, absl::string_view("\0x", 2)));
  ASSERT_TRUE(proto.ok()) << proto.status();
  EXPECT_EQ(proto->bytes, 6u);
  const auto written_out = ResolveFrame(catalog_, "proto", Id(2, absl::string_view("\x02\0x", 3)));
  ASSERT_TRUE(written_out.ok()) << written_out.status();
  EXPECT_EQ(written_out->bytes, 7u);
  const auto avro = ResolveFrame(catalog_, "avro", Id(3, absl::string_view("\0x", 2)));
  ASSERT_TRUE(avro.ok()) << avro.status();
  EXPECT_EQ(avro->bytes, 5u);
}

TEST_F(SchemaFrameTest, RefusesFramesThatAreNone) {
  for (const std::string& bytes : {std::string(), std::string("\0\0\0", 3), std::string("\x02ssss"),
                                   GuidBytes('a').substr(0, 9), std::string("{\"a\":1}")}) {
    EXPECT_EQ(ReasonOf(Fault("json", bytes)), ErrorReason::kMalformedFrame) << absl::CEscape(bytes);
  }
  for (const char* indexes : {"", "\x80", "\x04\x02", "\x01", "\x06\x02\x02"}) {
    EXPECT_EQ(ReasonOf(Fault("proto", Id(2, indexes))), ErrorReason::kMalformedFrame)
        << absl::CEscape(indexes);
  }
}

TEST_F(SchemaFrameTest, RefusesAMessageThatIsNotTheFirst) {
  const absl::Status second = Fault("proto", Id(2, "\x02\x02payload"));
  EXPECT_EQ(ReasonOf(second), ErrorReason::kMalformedFrame);
  EXPECT_THAT(second.message(), HasSubstr("[1]"));
  const absl::Status nested = Fault("proto", Id(2, absl::string_view("\x04\0\x06", 3)));
  EXPECT_EQ(ReasonOf(nested), ErrorReason::kMalformedFrame);
  EXPECT_THAT(nested.message(), HasSubstr("[0, 3]"));
}

TEST_F(SchemaFrameTest, TellsAnUnknownIdFromThatOfAnotherSubject) {
  EXPECT_EQ(Cause(Fault("json", Id(9, "{}"))), "unknown");
  EXPECT_EQ(Cause(Fault("json", Id(0, "{}"))), "unknown");
  EXPECT_EQ(Cause(Fault("json", GuidBytes('f'))), "unknown");
  EXPECT_EQ(Cause(Fault("json", Id(2, "{}"))), "other_subject");
  EXPECT_EQ(Cause(Fault("json", GuidBytes('c'))), "other_subject");
  EXPECT_EQ(Cause(Fault("nobody", Id(1, "{}"))), "other_subject");
  EXPECT_THAT(DetailsOf(Fault("json", Id(9, "{}"))).metadata, Contains(Pair("schema_id", "9")));
  EXPECT_THAT(Fault("json", Id(2, "{}")).message(), Not(HasSubstr("proto")));
}

TEST_F(SchemaFrameTest, FindsAVersionThatIsDeletedOrErased) {
  for (const SchemaState state : {SchemaState::kDeleted, SchemaState::kErased}) {
    catalog_.SetState("json", {2}, state);
    const auto frame = ResolveFrame(catalog_, "json", Id(4, "{}"));
    ASSERT_TRUE(frame.ok()) << frame.status();
    EXPECT_EQ(frame->record->state, state);
    EXPECT_EQ(Cause(FrameOfDeleted(*frame->record)), "deleted");
  }
  // The same content, registered again.
  Add("json", 3, 4, SchemaFormat::kJsonSchema, 'd');
  EXPECT_EQ(ResolveFrame(catalog_, "json", Id(4, "{}"))->record->version, 3u);
}

TEST_F(SchemaFrameTest, ReadsAFrameThatIsAText) {
  const auto by_guid = ResolveFrameText(catalog_, "proto", GuidOf(std::string(64, 'b')));
  ASSERT_TRUE(by_guid.ok()) << by_guid.status();
  EXPECT_EQ((*by_guid)->id, 2u);
  const std::string whole = GuidBytes('b') + std::string(1, '\0');
  const auto by_bytes = ResolveFrameText(catalog_, "proto", absl::Base64Escape(whole));
  ASSERT_TRUE(by_bytes.ok()) << by_bytes.status();
  EXPECT_EQ((*by_bytes)->id, 2u);
  for (const std::string& text : {std::string("!"), absl::Base64Escape(whole + "x"),
                                  absl::Base64Escape(GuidBytes('b')), std::string()}) {
    EXPECT_EQ(ReasonOf(ResolveFrameText(catalog_, "proto", text).status()),
              ErrorReason::kMalformedFrame)
        << text;
  }
}

TEST_F(SchemaFrameTest, WritesTheFrameThatItReads) {
  for (const FrameVersion version : {FrameVersion::kId, FrameVersion::kGuid}) {
    for (const char* subject : {"json", "proto", "avro"}) {
      const auto frame = FrameOf(catalog_, subject, 1, version);
      ASSERT_TRUE(frame.ok()) << frame.status();
      const auto read = ResolveFrame(catalog_, subject, *frame + "data");
      ASSERT_TRUE(read.ok()) << read.status();
      EXPECT_EQ(read->record->version, 1u);
      EXPECT_EQ(read->bytes, frame->size());
    }
  }
  EXPECT_EQ(*FrameOf(catalog_, "proto", 1, FrameVersion::kId), Id(2, absl::string_view("\0", 1)));
  catalog_.SetState("json", {2}, SchemaState::kErased);
  EXPECT_EQ(*FrameOf(catalog_, "json", 2, FrameVersion::kId), Id(4, ""));
  for (const uint32_t missing : {0u, 7u}) {
    EXPECT_EQ(ReasonOf(FrameOf(catalog_, "json", missing, FrameVersion::kId).status()),
              ErrorReason::kSchemaNotRegistered);
  }
}

}  // namespace
}  // namespace nexus::schema
