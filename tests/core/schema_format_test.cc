#include "nexus/core/schema_format.h"

#include <gtest/gtest.h>

namespace nexus {
namespace {

TEST(SchemaFormat, HasNamesThatAreReadBack) {
  for (const SchemaFormat format :
       {SchemaFormat::kJsonSchema, SchemaFormat::kAvro, SchemaFormat::kProtobuf}) {
    SchemaFormat parsed{};
    EXPECT_TRUE(ParseSchemaFormat(SchemaFormatName(format), parsed));
    EXPECT_EQ(parsed, format);
    EXPECT_TRUE(FitsContentType(format, ContentTypeOf(format)));
  }
  SchemaFormat unchanged = SchemaFormat::kAvro;
  EXPECT_FALSE(ParseSchemaFormat("avro", unchanged));
  EXPECT_EQ(unchanged, SchemaFormat::kAvro);
}

TEST(SchemaFormat, FitsItsMediaTypesWithParameters) {
  EXPECT_TRUE(FitsContentType(SchemaFormat::kJsonSchema, "application/json; charset=utf-8"));
  EXPECT_TRUE(FitsContentType(SchemaFormat::kAvro, "avro/binary"));
  EXPECT_TRUE(FitsContentType(SchemaFormat::kProtobuf, "application/x-protobuf;messageType=a.B"));
  EXPECT_FALSE(FitsContentType(SchemaFormat::kAvro, "application/json"));
  EXPECT_FALSE(FitsContentType(SchemaFormat::kJsonSchema, ""));
}

}  // namespace
}  // namespace nexus
