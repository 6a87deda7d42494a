#include "schema/schema_evolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "fake/recording_metrics.h"
#include "schema/json/evolve/json_schema_evolver.h"
#include "schema/registry_server.h"

namespace nexus::schema {
namespace {

using ::testing::HasSubstr;

// Says what it is told for one step of one type.
class OneStep : public Upcaster {
 public:
  absl::StatusOr<std::optional<std::string>> Upcast(absl::string_view type, uint32_t from,
                                                    uint32_t to, absl::string_view) override {
    if (type != "order" || from != 1 || to != 2) return std::nullopt;
    if (!failure.ok()) return failure;
    return data;
  }

  std::optional<std::string> data;
  absl::Status failure;
};

class Evolution : public ::testing::Test {
 protected:
  void SetUp() override {
    CompatibilitySettings any;
    any.rules.mode = CompatibilityMode::kNone;
    server_.registry.UpdateCompatibility(any, {}, [](auto) {});
    server_.executor.Advance(absl::Seconds(1));
    ASSERT_TRUE(server_.Register("order", R"({"properties":{"id":{},"name":{}}})").ok());
    ASSERT_TRUE(
        server_.Register("order", R"({"properties":{"id":{},"unit":{"default":"EUR"}}})").ok());
    ASSERT_TRUE(server_
                    .Register("order",
                              R"({"properties":{"id":{"type":"number"},"unit":{"default":"EUR"},)"
                              R"("count":{"default":1}}})")
                    .ok());
  }

  // One event as it is given; `version` 0: stored without a schema.
  RecordedEvent Given(const SchemaView& view, uint32_t version, const std::string& data,
                      const std::string& type = "order") {
    batch_ = EventBatch();
    type_ = type;
    data_ = data;
    RecordedEvent event;
    event.type = type_;
    event.schema_version = version;
    event.data = data_;
    batch_.events.push_back(event);
    SchemaEvolution({server_.registry.catalog(), languages_, &upcaster_, metrics_})
        .Apply(view, batch_);
    return batch_.events[0];
  }

  fake::FaultyLog log_;
  Server server_{log_};
  JsonSchemaEvolver evolver_;
  const SchemaLanguages languages_ = SchemaLanguages().Add(
      SchemaFormat::kJsonSchema, server_.validator, server_.comparer, &evolver_);
  OneStep upcaster_;
  fake::RecordingMetrics metrics_;
  EventBatch batch_;
  std::string type_, data_;
};

TEST_F(Evolution, GoesFromVersionToVersion) {
  const RecordedEvent event = Given({.version = 3}, 1, R"({"id":7,"name":"x"})");
  EXPECT_EQ(event.data, R"({"id":7,"unit":"EUR","count":1})");
  EXPECT_EQ(event.data_version, 3u);
  EXPECT_EQ(event.schema_version, 1u);
  EXPECT_EQ(event.gap_version, 0u);
  EXPECT_EQ(metrics_.Value("nexus_schema_evolutions_total"), 1);
}

TEST_F(Evolution, GoesBack) {
  EXPECT_EQ(Given({.version = 1}, 3, R"({"id":7,"unit":"USD","count":2})").data, R"({"id":7})");
}

TEST_F(Evolution, GivesTheLatestLiveVersion) {
  EXPECT_EQ(Given({.latest = true}, 2, R"({"id":7})").data_version, 3u);
  server_.registry.Delete({"order", 3, false, "", {}}, [](auto) {});
  server_.executor.Advance(absl::Seconds(1));
  const RecordedEvent event = Given({.latest = true}, 3, R"({"id":7,"count":1})");
  EXPECT_EQ(event.data_version, 2u);
  EXPECT_EQ(event.data, R"({"id":7})");
}

TEST_F(Evolution, LeavesAloneWhatTheViewDoesNotSpeakAbout) {
  SchemaView view;
  view.version = 3;
  view.versions["order"] = 0;
  EXPECT_EQ(Given(view, 1, R"({"id":7,"name":"x"})").data_version, 0u);
  EXPECT_EQ(Given({.version = 3}, 0, "anything", "other").gap_version, 0u);
  EXPECT_EQ(Given({.latest = true}, 0, "anything", "other").gap_version, 0u);
  EXPECT_EQ(Given({.version = 1}, 1, R"({"id":7})").data_version, 0u);
}

TEST_F(Evolution, GivesAnEventThatDoesNotFitAsItWasStored) {
  const RecordedEvent event = Given({.version = 3}, 1, R"({"id":"seven","name":"x"})");
  EXPECT_EQ(event.data, R"({"id":"seven","name":"x"})");
  EXPECT_EQ(event.data_version, 0u);
  EXPECT_EQ(event.gap_version, 3u);
  EXPECT_THAT(std::string(event.gap_reason), HasSubstr("do not fit version 3: at \"/id\""));
  EXPECT_EQ(metrics_.Value("nexus_schema_evolution_gaps_total"), 1);
}

TEST_F(Evolution, SaysThatAVersionIsNotThere) {
  EXPECT_THAT(std::string(Given({.version = 9}, 1, "{}").gap_reason), HasSubstr("no version 9"));
  SchemaView view;
  view.versions["other"] = 1;
  EXPECT_THAT(std::string(Given(view, 0, "{}", "other").gap_reason), HasSubstr("without a schema"));
}

TEST_F(Evolution, ADeclaredStepReplacesTheDerivedOne) {
  upcaster_.data = R"({"id":8,"unit":"CHF"})";
  EXPECT_EQ(Given({.version = 3}, 1, R"({"id":7,"name":"x"})").data,
            R"({"id":8,"unit":"CHF","count":1})");
  upcaster_.failure = absl::InternalError("it broke");
  EXPECT_EQ(Given({.version = 3}, 1, R"({"id":7})").gap_reason, "it broke");
}

}  // namespace
}  // namespace nexus::schema
