#include "nexus/core/undeclared_fields.h"

#include <gtest/gtest.h>

#include "nexus/v1/schema_registry.pb.h"

namespace nexus {
namespace {

constexpr UndeclaredFields kAll[] = {UndeclaredFields::kByFormat, UndeclaredFields::kAllow,
                                     UndeclaredFields::kWarn, UndeclaredFields::kReject};

TEST(UndeclaredFields, NamesCanBeParsedBack) {
  for (const UndeclaredFields setting : kAll) {
    UndeclaredFields parsed = UndeclaredFields::kByFormat;
    EXPECT_TRUE(ParseUndeclaredFields(UndeclaredFieldsName(setting), parsed));
    EXPECT_EQ(parsed, setting);
  }
}

TEST(UndeclaredFields, OtherNamesAreRefused) {
  UndeclaredFields parsed = UndeclaredFields::kWarn;
  EXPECT_FALSE(ParseUndeclaredFields("reject", parsed));
  EXPECT_FALSE(ParseUndeclaredFields("", parsed));
  EXPECT_EQ(parsed, UndeclaredFields::kWarn);
}

TEST(UndeclaredFields, NamesAndNumbersAreThoseOfTheContract) {
  EXPECT_EQ(static_cast<int>(UndeclaredFields::kByFormat), v1::UNDECLARED_FIELDS_UNSPECIFIED);
  EXPECT_EQ(static_cast<int>(UndeclaredFields::kAllow), v1::UNDECLARED_FIELDS_ALLOW);
  EXPECT_EQ(static_cast<int>(UndeclaredFields::kWarn), v1::UNDECLARED_FIELDS_WARN);
  EXPECT_EQ(static_cast<int>(UndeclaredFields::kReject), v1::UNDECLARED_FIELDS_REJECT);
}

TEST(UndeclaredFields, WithoutASettingTheFormatDecides) {
  const auto by_format = [](SchemaFormat format) {
    return ResolveUndeclaredFields(UndeclaredFields::kByFormat, format);
  };
  EXPECT_EQ(by_format(SchemaFormat::kJsonSchema), UndeclaredFields::kAllow);
  EXPECT_EQ(by_format(SchemaFormat::kProtobuf), UndeclaredFields::kReject);
  EXPECT_EQ(by_format(SchemaFormat::kAvro), UndeclaredFields::kAllow);
}

TEST(UndeclaredFields, ASettingHoldsForEveryFormatThatHasSuchFields) {
  for (const UndeclaredFields setting :
       {UndeclaredFields::kAllow, UndeclaredFields::kWarn, UndeclaredFields::kReject}) {
    EXPECT_EQ(ResolveUndeclaredFields(setting, SchemaFormat::kJsonSchema), setting);
    EXPECT_EQ(ResolveUndeclaredFields(setting, SchemaFormat::kProtobuf), setting);
    EXPECT_EQ(ResolveUndeclaredFields(setting, SchemaFormat::kAvro), UndeclaredFields::kAllow);
  }
}

}  // namespace
}  // namespace nexus
