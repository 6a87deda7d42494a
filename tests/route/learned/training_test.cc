#include "route/learned/training.h"

#include <cmath>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::route::learned {
namespace {

using ::testing::HasSubstr;

// Payments of gold customers are critical nearly always, small ones rather than large ones, and
// clicks are nearly never.
struct Sample {
  std::string stream;
  std::string type;
  std::string tier;
  std::string data;
  bool critical = false;

  RecordedEvent Event() const {
    RecordedEvent event;
    event.stream = stream;
    event.type = type;
    event.data = data;
    event.metadata = {{"tier", tier}};
    return event;
  }
};

std::vector<Sample> Samples(size_t count) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> share(0, 1);
  std::vector<Sample> samples;
  for (size_t i = 0; i < count; ++i) {
    Sample sample;
    const bool payment = random() % 2 == 0;
    const bool gold = random() % 3 == 0;
    sample.stream = absl::StrCat(payment ? "order-" : "web-", random() % 400);
    sample.type = payment ? "order.paid" : "page.clicked";
    sample.tier = gold ? "gold" : "none";
    sample.data = std::string(random() % 4'000, 'x');
    const double size = std::log2(static_cast<double>(sample.data.size()) + 1);
    const double odds = (payment ? 4 : -2) + (gold ? 3 : 0) - 0.5 * size;
    sample.critical = share(random) < 1 / (1 + std::exp(-odds));
    samples.push_back(std::move(sample));
  }
  return samples;
}

TrainingSet SetOf(const std::vector<Sample>& samples, TrainingSet::Options options = {}) {
  TrainingSet set(std::move(options));
  for (const Sample& sample : samples) {
    EXPECT_TRUE(set.Add(sample.Event(), sample.critical, sample.stream, 0.3, false));
  }
  return set;
}

TEST(Training, LearnsWhatMadeTheLabelsAndSaysHowWell) {
  const auto trained = Train(SetOf(Samples(20'000)), {.threshold = 0.5, .labels = "test"});
  ASSERT_TRUE(trained.ok()) << trained.status();
  const TrainingReport& report = trained->report;
  EXPECT_TRUE(report.converged);
  EXPECT_EQ(report.fitted + report.held_out, 20'000u);
  EXPECT_NEAR(static_cast<double>(report.held_out), 4'000, 1'000);
  EXPECT_EQ(report.model.confusion.total(), report.held_out);
  const ModelWeights& weights = trained->model->weights();
  EXPECT_NEAR(static_cast<double>(weights.size) / kOne, -0.5, 0.05);
  const auto& tiers = weights.metadata.at("tier").values;
  EXPECT_NEAR(static_cast<double>(tiers.at("gold") - tiers.at("none")) / kOne, 3, 0.25);
  EXPECT_GT(*report.model.auc, 0.9);
  EXPECT_LT(report.model.log_loss, report.majority_log_loss * 0.7);
  EXPECT_GT(report.model.confusion.Accuracy(), report.majority.Accuracy() + 0.03);
  EXPECT_LT(report.model.calibration, 0.03) << "scores are probabilities";
  EXPECT_EQ(report.rules.confusion.true_positives, 0u) << "the rules called none critical";
  EXPECT_EQ(report.thresholds.size(), 9u);
  EXPECT_EQ(trained->model->origin().labels, "test");
}

TEST(Training, IsTheSameEachTimeAndReadsBack) {
  const std::vector<Sample> samples = Samples(3'000);
  const auto first = Train(SetOf(samples), {});
  const auto second = Train(SetOf(samples), {});
  ASSERT_TRUE(first.ok() && second.ok());
  const std::string text = ModelText(*first->model);
  EXPECT_EQ(ModelText(*second->model), text);
  schema::SimdJsonReader json;
  const auto back = ParseModel(text, json);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(ModelText(**back), text);
}

// What is measured is what events will get.
TEST(Training, MeasuresTheScoresThatTheModelGives) {
  const std::vector<Sample> samples = Samples(3'000);
  const auto trained = Train(SetOf(samples), {.threshold = 0.5});
  ASSERT_TRUE(trained.ok()) << trained.status();
  std::vector<Judged> judged;
  for (const Sample& sample : samples) {
    if (!IsHeldOut(sample.stream, 0.2)) continue;
    judged.push_back({trained->model->Score(sample.Event()), sample.critical});
  }
  const Quality quality = Measure(0.5, judged);
  EXPECT_EQ(quality.confusion, trained->report.model.confusion);
  EXPECT_EQ(quality.log_loss, trained->report.model.log_loss);
}

TEST(Training, WhatIsHeldOutHasNoSay) {
  std::vector<Sample> samples = Samples(3'000);
  const auto before = Train(SetOf(samples), {});
  for (Sample& sample : samples) {
    if (IsHeldOut(sample.stream, 0.2)) sample.critical = !sample.critical;
  }
  const auto after = Train(SetOf(samples), {});
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(after->model->digest(), before->model->digest());
  EXPECT_LT(*after->report.model.auc, 0.5);
}

TEST(Training, HoldsOutWholeGroupsAtTheShareThatIsAskedFor) {
  size_t held_out = 0;
  for (int i = 0; i < 20'000; ++i) held_out += IsHeldOut(absl::StrCat("order-", i), 0.25) ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(held_out), 5'000, 250);
  EXPECT_FALSE(IsHeldOut("order-1", 0));
  EXPECT_TRUE(IsHeldOut("order-1", 1));
}

TEST(Training, LeavesOutRareConstantAndIgnoredFeatures) {
  std::vector<Sample> samples = Samples(2'000);
  TrainingSet set({.ignored_metadata = {"email"}});
  for (size_t i = 0; i < samples.size(); ++i) {
    RecordedEvent event = samples[i].Event();
    const std::string id = absl::StrCat("id-", i);
    event.metadata = {{"always", "same"}, {"email", "a@example.com"}, {"request", id}};
    EXPECT_TRUE(set.Add(event, samples[i].critical, id, 0, false));
  }
  const auto trained = Train(set, {});
  ASSERT_TRUE(trained.ok()) << trained.status();
  EXPECT_TRUE(trained->model->weights().metadata.empty()) << ModelText(*trained->model);
  EXPECT_EQ(trained->model->weights().types.size(), 2u);
}

// An id in the metadata takes no place from what comes later.
TEST(Training, LooksAtSoManyValuesOfAKeyAndNoMore) {
  std::vector<Sample> samples = Samples(3'000);
  TrainingSet set({});
  for (size_t i = 0; i < samples.size(); ++i) {
    RecordedEvent event = samples[i].Event();
    const std::string id = absl::StrCat("id-", i);
    event.metadata.emplace_back("request", id);
    EXPECT_TRUE(set.Add(event, samples[i].critical, samples[i].stream, 0, false));
  }
  EXPECT_EQ(set.unseen_names(), 2'000u);
  EXPECT_LT(set.features().size(), 1'100u);
  const auto trained = Train(set, {});
  ASSERT_TRUE(trained.ok()) << trained.status();
  EXPECT_FALSE(trained->model->weights().metadata.contains("request"));
  EXPECT_TRUE(trained->model->weights().metadata.contains("tier"));
}

TEST(Training, KeepsTheCommonestFeatures) {
  TrainingOptions options;
  options.features_max = 2;
  const auto trained = Train(SetOf(Samples(2'000)), options);
  ASSERT_TRUE(trained.ok()) << trained.status();
  EXPECT_LE(trained->report.features, 3u) << "a key counts as well as its values";
}

TEST(Training, SaysThatOneKindIsMissing) {
  std::vector<Sample> samples = Samples(200);
  for (Sample& sample : samples) sample.critical = false;
  const auto none = Train(SetOf(samples), {});
  EXPECT_EQ(ReasonOf(none.status()), ErrorReason::kMalformedRequest);
  EXPECT_THAT(std::string(none.status().message()), HasSubstr("0 are critical"));
  EXPECT_FALSE(Train(TrainingSet({}), {}).ok());
  EXPECT_THAT(std::string(Train(SetOf(Samples(200), {.held_out = 0}), {}).status().message()),
              HasSubstr("held out"));
}

}  // namespace
}  // namespace nexus::route::learned
