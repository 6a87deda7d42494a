#include "schema/schema_evolution.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "fake/recording_metrics.h"
#include "nexus/core/errors.h"
#include "schema/json/evolve/json_schema_evolver.h"
#include "schema/registry_server.h"

namespace nexus::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::SizeIs;

// Says what it is told, for every step that is declared.
class FakeSteps : public Upcaster, public UpcastRunner {
 public:
  void Declare(const std::string& type, uint32_t from, const std::string& to_type, uint32_t to) {
    auto step = std::make_unique<DeclaredStep>();
    step->type = type;
    step->from = from;
    step->to_type = to_type;
    step->to = to;
    declared_->Add(std::move(step));
  }
  std::shared_ptr<const DeclaredSteps> Steps() override { return declared_; }
  absl::Status With(absl::FunctionRef<void(UpcastRunner&)> work) override {
    if (!refusal.ok()) return refusal;
    ++pages;
    work(*this);
    return absl::OkStatus();
  }
  void Begin(size_t events) override { begun = events; }
  absl::StatusOr<std::string> Run(const DeclaredStep& step, const RecordedEvent& event) override {
    seen.push_back(absl::StrCat(event.type, " ", step.from, " ", event.data));
    if (!failure.ok()) return failure;
    return data;
  }

  std::string data;
  absl::Status failure;
  absl::Status refusal;
  std::vector<std::string> seen;
  int pages = 0;
  size_t begun = 0;

 private:
  const std::shared_ptr<DeclaredSteps> declared_ = std::make_shared<DeclaredSteps>();
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
                      const std::string& type = "order", UpcastRunner* runner = nullptr) {
    batch_ = EventBatch();
    type_ = type;
    data_ = data;
    RecordedEvent event;
    event.type = type_;
    event.schema_version = version;
    event.data = data_;
    event.content_type = content_type_;
    event.metadata = {{"$command", "x"}, {"owner", "ann"}};
    batch_.events.push_back(event);
    outcome_ = SchemaEvolution({server_.registry.catalog(), languages_, &upcaster_, metrics_})
                   .Apply(view, batch_, runner);
    return batch_.events[0];
  }

  fake::FaultyLog log_;
  Server server_{log_};
  JsonSchemaEvolver evolver_;
  const SchemaLanguages languages_ = SchemaLanguages().Add(
      SchemaFormat::kJsonSchema, server_.validator, server_.comparer, &evolver_);
  FakeSteps upcaster_;
  fake::RecordingMetrics metrics_;
  EventBatch batch_;
  std::string type_, data_;
  std::string content_type_ = "application/json";
  absl::Status outcome_;
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
  upcaster_.Declare("order", 1, "order", 2);
  upcaster_.data = R"({"id":8,"unit":"CHF"})";
  EXPECT_EQ(Given({.version = 3}, 1, R"({"id":7,"name":"x"})").data,
            R"({"id":8,"unit":"CHF","count":1})");
  EXPECT_THAT(upcaster_.seen, ElementsAre(R"(order 1 {"id":7,"name":"x"})"));
  EXPECT_EQ(upcaster_.begun, 1u);
  upcaster_.failure = absl::InternalError("it broke");
  EXPECT_EQ(Given({.version = 3}, 1, R"({"id":7})").gap_reason, "it broke");
  EXPECT_THAT(std::string(outcome_.message()), HasSubstr("it broke"));
}

TEST_F(Evolution, AnUpcasterTakesWhatDerivedStepsHaveMade) {
  upcaster_.Declare("order", 2, "order", 3);
  upcaster_.data = R"({"id":9})";
  EXPECT_EQ(Given({.latest = true}, 1, R"({"id":7,"name":"x"})").data, R"({"id":9})");
  EXPECT_THAT(upcaster_.seen, ElementsAre(R"(order 2 {"id":7,"unit":"EUR"})"));
}

TEST_F(Evolution, NoStepIsRunBackwards) {
  upcaster_.Declare("order", 1, "order", 2);
  EXPECT_EQ(Given({.version = 1}, 2, R"({"id":7,"unit":"USD"})").data, R"({"id":7})");
  EXPECT_THAT(upcaster_.seen, IsEmpty());
  EXPECT_EQ(upcaster_.pages, 0);
}

TEST_F(Evolution, WhoHasARunnerUsesIt) {
  upcaster_.Declare("order", 1, "order", 2);
  upcaster_.data = R"({"id":8})";
  EXPECT_EQ(Given({.version = 2}, 1, "{}", "order", &upcaster_).data, R"({"id":8})");
  EXPECT_EQ(upcaster_.pages, 0);
}

TEST_F(Evolution, AReaderGoesOnThoughNoThreadIsFree) {
  upcaster_.Declare("order", 1, "order", 2);
  upcaster_.refusal = MakeError(ErrorReason::kOverloaded, "too many wait");
  const RecordedEvent event = Given({.version = 3}, 1, R"({"id":7})");
  EXPECT_EQ(event.data, R"({"id":7})");
  EXPECT_EQ(event.gap_reason, "too many wait");
  EXPECT_EQ(ReasonOf(outcome_), ErrorReason::kOverloaded);
}

TEST_F(Evolution, AnUpcasterTakesJsonOnly) {
  upcaster_.Declare("order", 1, "order", 2);
  content_type_ = "application/octet-stream";
  EXPECT_THAT(std::string(Given({.version = 2}, 1, "{}").gap_reason), HasSubstr("takes JSON"));
}

// `order` version 3 has the successor `sale`, which has two versions.
class Succession : public Evolution {
 protected:
  void SetUp() override {
    Evolution::SetUp();
    ASSERT_TRUE(server_.Register("sale", R"({"required":["sum"],"properties":{"sum":{}}})").ok());
    ASSERT_TRUE(server_
                    .Register("sale", R"({"required":["sum"],"properties":{"sum":{},)"
                                      R"("tax":{"default":0}}})")
                    .ok());
    upcaster_.Declare("order", 3, "sale", 1);
    upcaster_.data = R"({"sum":5})";
  }
};

TEST_F(Succession, WhoAsksForTheLatestGetsTheSuccessor) {
  const RecordedEvent event = Given({.latest = true}, 1, R"({"id":7,"name":"x"})");
  EXPECT_EQ(event.type, "sale");
  EXPECT_EQ(event.data, R"({"sum":5,"tax":0})");
  EXPECT_EQ(event.data_version, 2u);
  EXPECT_EQ(event.schema_version, 1u);
  EXPECT_THAT(event.metadata, ElementsAre(Pair("$command", "x"), Pair(kStoredTypeKey, "order"),
                                          Pair("owner", "ann")));
  EXPECT_THAT(upcaster_.seen, ElementsAre(R"(order 3 {"id":7,"unit":"EUR","count":1})"));
  EXPECT_TRUE(outcome_.ok()) << outcome_;
}

TEST_F(Succession, WhoNamesAVersionStaysWithTheType) {
  EXPECT_EQ(Given({.version = 2}, 1, R"({"id":7})").type, "order");
  SchemaView view{.latest = true};
  view.versions["order"] = 2;
  EXPECT_EQ(Given(view, 1, R"({"id":7})").type, "order");
  view.versions["order"] = 0;
  EXPECT_EQ(Given(view, 1, R"({"id":7})").data_version, 0u);
  EXPECT_THAT(upcaster_.seen, IsEmpty());
}

TEST_F(Succession, AVersionOfTheSuccessorCanBeNamed) {
  SchemaView view{.latest = true};
  view.versions["sale"] = 1;
  const RecordedEvent event = Given(view, 3, R"({"id":7})");
  EXPECT_EQ(event.type, "sale");
  EXPECT_EQ(event.data, R"({"sum":5})");
  EXPECT_EQ(event.data_version, 1u);
}

TEST_F(Succession, WhatDoesNotFitTheSuccessorIsGivenAsItWasStored) {
  upcaster_.data = R"({"total":5})";
  const RecordedEvent event = Given({.latest = true}, 3, R"({"id":7})");
  EXPECT_EQ(event.type, "order");
  EXPECT_EQ(event.data, R"({"id":7})");
  EXPECT_THAT(event.metadata, SizeIs(2));
  EXPECT_THAT(std::string(event.gap_reason), HasSubstr("do not fit version 2 of sale"));
}

TEST_F(Succession, GoesOnFromSuccessorToSuccessor) {
  ASSERT_TRUE(server_.Register("deal", R"({"properties":{"worth":{}}})").ok());
  upcaster_.Declare("sale", 2, "deal", 1);
  const RecordedEvent event = Given({.latest = true}, 2, R"({"id":7})");
  EXPECT_EQ(event.type, "deal");
  EXPECT_THAT(upcaster_.seen, SizeIs(2));
  EXPECT_EQ(Given({.latest = true}, 1, R"({"sum":1})", "sale").type, "deal");
}

TEST_F(Succession, ACircleEnds) {
  upcaster_.Declare("sale", 2, "order", 1);
  Given({.latest = true}, 1, R"({"id":7})");
  EXPECT_LE(upcaster_.seen.size(), 64u);
}

TEST_F(Succession, AVersionAfterTheStepHasNoSuccessor) {
  ASSERT_TRUE(server_.Register("order", R"({"properties":{"id":{},"late":{}}})").ok());
  EXPECT_EQ(Given({.latest = true}, 4, R"({"id":7})").type, "order");
  EXPECT_EQ(Given({.latest = true}, 3, R"({"id":7})").type, "sale");
}

TEST_F(Succession, ADeclaredSuccessorWithoutASchemaIsAGap) {
  upcaster_.Declare("sale", 2, "nowhere", 1);
  EXPECT_THAT(std::string(Given({.latest = true}, 3, R"({"id":7})").gap_reason),
              HasSubstr("nowhere has no version 1"));
}

}  // namespace
}  // namespace nexus::schema
