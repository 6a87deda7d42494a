// The setting on undeclared fields: whose it is, and that a server that reads the stream again
// knows the same.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "nexus/core/errors.h"
#include "schema/faulty_log.h"
#include "schema/registry_server.h"
#include "schema/schema_events.h"

namespace nexus::schema {
namespace {

class ValidationSettingsTest : public ::testing::Test {
 protected:
  absl::StatusOr<ValidationSettings> Set(Server& server, const std::string& subject,
                                         UndeclaredFields undeclared) {
    ValidationSettings settings;
    settings.subject = subject;
    settings.undeclared_fields = undeclared;
    settings.comment = "why";
    return server.Await<ValidationSettings>([&](auto done) {
      server.registry.UpdateValidation(settings, {"alice", "d-2", "", 0}, std::move(done));
    });
  }
  absl::StatusOr<ValidationSettings> Clear(Server& server, const std::string& subject) {
    return server.Await<ValidationSettings>([&](auto done) {
      server.registry.ClearValidation(subject, "why", {"alice", "", "", 0}, std::move(done));
    });
  }
  static UndeclaredFields Of(const SchemaCatalog& catalog, const std::string& subject,
                             SchemaFormat format = SchemaFormat::kJsonSchema) {
    return catalog.UndeclaredFieldsOf(subject, format);
  }

  fake::FaultyLog log_;
};

TEST_F(ValidationSettingsTest, AreOfTheSubjectElseGlobalElseOfTheFormat) {
  Server server(log_);
  const SchemaCatalog& catalog = server.registry.catalog();
  EXPECT_EQ(Of(catalog, "a"), UndeclaredFields::kAllow);
  EXPECT_EQ(Of(catalog, "a", SchemaFormat::kProtobuf), UndeclaredFields::kReject);
  ASSERT_TRUE(Set(server, "", UndeclaredFields::kWarn).ok());
  EXPECT_EQ(Of(catalog, "a"), UndeclaredFields::kWarn);
  EXPECT_EQ(Of(catalog, "a", SchemaFormat::kProtobuf), UndeclaredFields::kWarn);
  EXPECT_TRUE(catalog.GetValidation("a").inherited);
  ASSERT_TRUE(Set(server, "a", UndeclaredFields::kReject).ok());
  EXPECT_EQ(Of(catalog, "a"), UndeclaredFields::kReject);
  EXPECT_FALSE(catalog.GetValidation("a").inherited);
  EXPECT_EQ(Of(catalog, "b"), UndeclaredFields::kWarn);
}

TEST_F(ValidationSettingsTest, AreClearedBackToWhatIsBehindThem) {
  Server server(log_);
  ASSERT_TRUE(Set(server, "", UndeclaredFields::kWarn).ok());
  ASSERT_TRUE(Set(server, "a", UndeclaredFields::kAllow).ok());
  const auto cleared = Clear(server, "a");
  ASSERT_TRUE(cleared.ok()) << cleared.status();
  EXPECT_EQ(cleared->undeclared_fields, UndeclaredFields::kWarn);
  EXPECT_TRUE(cleared->inherited);
  EXPECT_EQ(ReasonOf(Clear(server, "a").status()), ErrorReason::kNotFound);
  ASSERT_TRUE(Clear(server, "").ok());
  EXPECT_EQ(Of(server.registry.catalog(), "a"), UndeclaredFields::kAllow);
}

TEST_F(ValidationSettingsTest, AreTheSameAfterARestart) {
  Server server(log_);
  ASSERT_TRUE(Set(server, "", UndeclaredFields::kReject).ok());
  ASSERT_TRUE(Set(server, "a", UndeclaredFields::kAllow).ok());
  ASSERT_TRUE(Set(server, "b", UndeclaredFields::kWarn).ok());
  ASSERT_TRUE(Clear(server, "b").ok());
  Server again(log_);
  const absl::Status loaded = again.registry.Load();
  ASSERT_TRUE(loaded.ok()) << loaded;
  EXPECT_EQ(Of(again.registry.catalog(), "a"), UndeclaredFields::kAllow);
  EXPECT_EQ(Of(again.registry.catalog(), "b"), UndeclaredFields::kReject);
  EXPECT_EQ(again.registry.catalog().GetValidation("a").comment, "why");
}

TEST_F(ValidationSettingsTest, TheSameSettingAgainStoresNothing) {
  Server server(log_);
  ASSERT_TRUE(Set(server, "a", UndeclaredFields::kWarn).ok());
  const size_t stored = log_.accepted().size();
  ASSERT_TRUE(Set(server, "a", UndeclaredFields::kWarn).ok());
  EXPECT_EQ(log_.accepted().size(), stored);
}

TEST_F(ValidationSettingsTest, NamesOfTheServerAreRefused) {
  Server server(log_);
  EXPECT_EQ(ReasonOf(Set(server, "$schemas", UndeclaredFields::kWarn).status()),
            ErrorReason::kReservedName);
}

TEST(ValidationUpdated, IsReadAsItWasWritten) {
  SimdJsonReader json;
  ValidationSettings settings;
  settings.subject = "a";
  settings.undeclared_fields = UndeclaredFields::kWarn;
  settings.comment = "\"why\"";
  const std::string data = EncodeValidationUpdated(settings);
  EXPECT_EQ(data, R"({"subject":"a","undeclared_fields":"WARN","comment":"\"why\""})");
  const auto read = DecodeValidationUpdated(data, json);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->subject, "a");
  EXPECT_EQ(read->undeclared_fields, UndeclaredFields::kWarn);
  EXPECT_EQ(read->comment, "\"why\"");
  EXPECT_EQ(ReasonOf(DecodeValidationUpdated(
                         R"({"subject":"a","undeclared_fields":"HIDE","comment":""})", json)
                         .status()),
            ErrorReason::kUnsupportedFormat);
  EXPECT_EQ(ReasonOf(DecodeValidationUpdated(R"({"subject":"a","comment":""})", json).status()),
            ErrorReason::kDataLoss);
}

}  // namespace
}  // namespace nexus::schema
