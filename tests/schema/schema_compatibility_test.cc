#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "digest/sha256.h"
#include "nexus/core/errors.h"
#include "schema/faulty_log.h"
#include "schema/registry_server.h"
#include "schema/schema_events.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;

// What the subject "a" is told about a second version.
class Compatibility : public ::testing::Test {
 protected:
  static constexpr char kFirst[] = R"({"type":"object","properties":{"n":{"maximum":5}}})";
  static constexpr char kTighter[] = R"({"type":"object","properties":{"n":{"maximum":4}}})";

  absl::StatusOr<CompatibilitySettings> Update(Server& server, const std::string& subject,
                                               CompatibilityMode mode,
                                               const std::string& why = "") {
    CompatibilitySettings settings;
    settings.subject = subject;
    settings.rules.mode = mode;
    settings.comment = why;
    absl::StatusOr<CompatibilitySettings> answer = absl::UnknownError("no answer");
    server.registry.UpdateCompatibility(settings, {"alice", "d-2", "", 0},
                                        [&](auto result) { answer = std::move(result); });
    server.executor.Advance(absl::Seconds(1));
    return answer;
  }
  absl::StatusOr<JudgedSchema> Check(Server& server, const std::string& definition) {
    absl::StatusOr<JudgedSchema> answer = absl::UnknownError("no answer");
    server.registry.CheckCompatibility({"a", definition, "", {}}, 0,
                                       [&](auto result) { answer = std::move(result); });
    server.executor.Advance(absl::Seconds(1));
    return answer;
  }

  fake::FaultyLog log_;
};

TEST_F(Compatibility, RefusesABreakingVersionWithEachFinding) {
  Server server(log_);
  ASSERT_TRUE(server.Register("a", kFirst).ok());
  const absl::Status status = server.Register("a", kTighter).status();
  const ErrorDetails details = DetailsOf(status);
  EXPECT_EQ(details.reason, ErrorReason::kSchemaIncompatible);
  ASSERT_EQ(details.violations.size(), 1u);
  EXPECT_EQ(details.violations[0].keyword, "MAXIMUM_DECREASED");
  EXPECT_EQ(details.violations[0].pointer, "/properties/n/maximum");
  EXPECT_EQ(details.violations[0].expected, "5");
  EXPECT_EQ(details.violations[0].actual, "4");
  EXPECT_THAT(details.violations[0].message, HasSubstr("For example {\"n\":"));
  EXPECT_EQ(server.registry.Find("a", 0)->version, 1u);
  EXPECT_EQ(log_.accepted().size(), 1u);
}

TEST_F(Compatibility, ChecksWithoutStoring) {
  Server server(log_);
  EXPECT_EQ(Check(server, kFirst)->latest, 0u);
  ASSERT_TRUE(server.Register("a", kFirst).ok());
  EXPECT_EQ(Check(server, kFirst)->same_as, 1u);
  const absl::StatusOr<JudgedSchema> judged = Check(server, kTighter);
  ASSERT_TRUE(judged.ok());
  ASSERT_EQ(judged->verdict.findings.size(), 1u);
  EXPECT_THAT(judged->verdict.findings[0].witness, HasSubstr("\"n\":"));
  EXPECT_EQ(judged->latest, 1u);
  EXPECT_EQ(ReasonOf(Check(server, "{").status()), ErrorReason::kSchemaInvalid);
  EXPECT_EQ(log_.accepted().size(), 1u);
}

TEST_F(Compatibility, SettingsAreOfTheSubjectElseGlobalElseTheDefaults) {
  Server server(log_);
  EXPECT_EQ(server.registry.catalog().GetCompatibility("a").rules, CompatibilityRules());
  EXPECT_TRUE(server.registry.catalog().GetCompatibility("a").inherited);
  EXPECT_FALSE(server.registry.catalog().GetCompatibility("a").stored);
  ASSERT_TRUE(Update(server, "", CompatibilityMode::kFull, "both ways").ok());
  EXPECT_EQ(server.registry.catalog().GetCompatibility("a").rules.mode, CompatibilityMode::kFull);
  ASSERT_TRUE(Update(server, "a", CompatibilityMode::kNone).ok());
  EXPECT_EQ(server.registry.catalog().GetCompatibility("a").rules.mode, CompatibilityMode::kNone);
  EXPECT_FALSE(server.registry.catalog().GetCompatibility("a").inherited);
  EXPECT_EQ(server.registry.catalog().GetCompatibility("b").rules.mode, CompatibilityMode::kFull);
  ASSERT_TRUE(server.Register("a", kFirst).ok());
  EXPECT_TRUE(server.Register("a", kTighter).ok());
}

TEST_F(Compatibility, TheSameSettingsAgainWriteNothing) {
  Server server(log_);
  ASSERT_TRUE(Update(server, "a", CompatibilityMode::kBackward).ok());
  ASSERT_TRUE(Update(server, "a", CompatibilityMode::kBackward).ok());
  EXPECT_EQ(log_.accepted().size(), 1u);
}

TEST_F(Compatibility, SettingsSurviveARestartWithWhoWhenAndWhy) {
  Server before(log_);
  before.clock.SetNow(Timestamp{77});
  ASSERT_TRUE(Update(before, "a", CompatibilityMode::kForwardTransitive, "readers first").ok());
  EXPECT_EQ(
      log_.accepted()[0].events[0].event.data,
      R"({"subject":"a","mode":"FORWARD_TRANSITIVE","policy":"NEXUS","allow_new_fields":true,)"
      R"("require_defaults":true,"allow_field_removal":false,"allow_type_changes":false,)"
      R"("comment":"readers first"})");
  Server after(log_);
  ASSERT_TRUE(after.registry.Load().ok());
  const CompatibilitySettings settings = after.registry.catalog().GetCompatibility("a");
  EXPECT_EQ(settings.rules.mode, CompatibilityMode::kForwardTransitive);
  EXPECT_EQ(settings.updated_by, "alice");
  EXPECT_EQ(settings.updated, Timestamp{77});
  EXPECT_EQ(settings.comment, "readers first");
}

TEST_F(Compatibility, VersionsInTheLogAreNotJudgedAgain) {
  log_.Store(kSchemaRegisteredType,
             EncodeSchemaRegistered(StoredSchema("a", 1, "true", Sha256Hex("true"))));
  log_.Store(kSchemaRegisteredType,
             EncodeSchemaRegistered(StoredSchema("a", 2, "false", Sha256Hex("false"))));
  Server server(log_);
  ASSERT_TRUE(server.registry.Load().ok());
  EXPECT_EQ(server.registry.Find("a", 0)->version, 2u);
}

TEST_F(Compatibility, OfTwoServersTheSecondIsJudgedAgainstTheFirst) {
  Server one(log_);
  Server two(log_);
  ASSERT_TRUE(one.Register("a", kTighter).ok());
  ASSERT_TRUE(two.Register("a", kFirst).ok());  // read the first, and loosened it
  // This one still believes that the latest is its own.
  EXPECT_EQ(ReasonFor(one, "a", R"({"type":"object","properties":{"n":{"maximum":3}}})"),
            ErrorReason::kSchemaIncompatible);
  EXPECT_EQ(ReasonFor(one, "a", R"({"type":"object","properties":{"n":{"maximum":4.5}}})"),
            ErrorReason::kSchemaIncompatible);
  EXPECT_EQ(log_.accepted().size(), 2u);
}

TEST_F(Compatibility, RefusesWhatIsNoSubject) {
  Server server(log_);
  EXPECT_EQ(ReasonOf(Update(server, "$x", CompatibilityMode::kNone).status()),
            ErrorReason::kReservedName);
  EXPECT_EQ(
      ReasonOf(Update(server, "a", CompatibilityMode::kNone, std::string(5'000, 'x')).status()),
      ErrorReason::kLimitExceeded);
}

}  // namespace
}  // namespace nexus::schema
