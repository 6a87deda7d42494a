#include "route/learned/training.h"

#include <algorithm>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "route/learned/logistic_fit.h"

namespace nexus::route::learned {
namespace {

constexpr double kMeasureUnits = 1 << 20;
constexpr uint32_t kNotChosen = UINT32_MAX;

struct Counts {
  uint64_t fitted = 0;
  uint64_t fitted_critical = 0;
  uint64_t held_out = 0;
  uint64_t held_out_critical = 0;
};

Counts CountOf(const TrainingSet& set) {
  Counts counts;
  for (const Example& example : set.examples()) {
    ++(example.held_out ? counts.held_out : counts.fitted);
    if (!example.critical) continue;
    ++(example.held_out ? counts.held_out_critical : counts.fitted_critical);
  }
  return counts;
}

absl::Status CheckCounts(absl::string_view part, uint64_t critical, uint64_t all) {
  if (critical > 0 && critical < all) return absl::OkStatus();
  return MakeError(ErrorReason::kMalformedRequest,
                   absl::StrCat("of the ", all, " events ", part, " ", critical,
                                " are critical: both kinds are needed, more events or another "
                                "share to hold out"));
}

auto OrderOf(const Feature& feature) {
  return std::make_tuple(feature.kind, std::cref(feature.name), std::cref(feature.value));
}

// The commonest features of the fitted events, without those of too few events and of all. What is
// held out has no say.
std::vector<uint32_t> Choose(const TrainingSet& set, uint64_t fitted,
                             const TrainingOptions& options) {
  std::vector<uint64_t> events(set.features().size(), 0);
  for (const Example& example : set.examples()) {
    if (example.held_out) continue;
    for (const uint32_t feature : example.features) ++events[feature];
  }
  std::vector<uint32_t> chosen;
  for (uint32_t i = 0; i < events.size(); ++i) {
    if (events[i] >= options.events_min && events[i] < fitted) chosen.push_back(i);
  }
  const std::vector<Feature>& features = set.features();
  std::sort(chosen.begin(), chosen.end(), [&](uint32_t a, uint32_t b) {
    return events[a] != events[b] ? events[a] > events[b]
                                  : OrderOf(features[a]) < OrderOf(features[b]);
  });
  chosen.resize(std::min(chosen.size(), std::min(options.features_max, kModelFeaturesMax)));
  return chosen;
}

LogisticProblem ProblemOf(const TrainingSet& set, const std::vector<uint32_t>& columns, double l2) {
  std::vector<uint32_t> column_of(set.features().size(), kNotChosen);
  for (uint32_t i = 0; i < columns.size(); ++i) column_of[columns[i]] = i;
  LogisticProblem problem;
  problem.columns = columns.size();
  problem.l2 = l2;
  for (const Example& example : set.examples()) {
    if (example.held_out) continue;
    Row& row = problem.rows.emplace_back();
    row.number = static_cast<double>(SizeMeasure(example.bytes)) / kMeasureUnits;
    row.positive = example.critical;
    for (const uint32_t feature : example.features) {
      if (column_of[feature] != kNotChosen) row.columns.push_back(column_of[feature]);
    }
  }
  return problem;
}

Millionths Rounded(double weight) {
  const double millionths = std::round(weight * static_cast<double>(kOne));
  const auto limit = static_cast<double>(kWeightMax);
  return static_cast<Millionths>(std::clamp(millionths, -limit, limit));
}

ModelWeights WeightsOf(const LogisticFit& fit, const TrainingSet& set,
                       const std::vector<uint32_t>& columns) {
  ModelWeights weights;
  weights.intercept = Rounded(fit.intercept);
  weights.size = Rounded(fit.number);
  for (size_t i = 0; i < columns.size(); ++i) {
    const Feature& feature = set.features()[columns[i]];
    const Millionths weight = Rounded(fit.columns[i]);
    if (weight == 0) continue;
    switch (feature.kind) {
      case FeatureKind::kType:
        weights.types[feature.name] = weight;
        break;
      case FeatureKind::kCategory:
        weights.categories[feature.name] = weight;
        break;
      case FeatureKind::kMetadataKey:
        weights.metadata[feature.name].present = weight;
        break;
      case FeatureKind::kMetadataValue:
        weights.metadata[feature.name].values[feature.value] = weight;
        break;
    }
  }
  return weights;
}

// Of the model as it is written: whole millionths, as every event will be scored.
double ScoreOf(const ModelWeights& weights, const TrainingSet& set, const Example& example) {
  const auto weight_in = [](const FeatureWeights& of, const std::string& name) {
    const auto found = of.find(name);
    return found == of.end() ? 0 : found->second;
  };
  Millionths sum = weights.intercept + SizeContribution(weights.size, example.bytes);
  for (const uint32_t index : example.features) {
    const Feature& feature = set.features()[index];
    const auto metadata = weights.metadata.find(feature.name);
    if (feature.kind == FeatureKind::kType) {
      sum += weight_in(weights.types, feature.name);
    } else if (feature.kind == FeatureKind::kCategory) {
      sum += weight_in(weights.categories, feature.name);
    } else if (metadata != weights.metadata.end()) {
      sum += feature.kind == FeatureKind::kMetadataKey
                 ? metadata->second.present
                 : weight_in(metadata->second.values, feature.value);
    }
  }
  return Logistic(sum);
}

void MeasureHeldOut(const TrainingSet& set, const ModelWeights& weights,
                    const TrainingOptions& options, TrainingReport& report) {
  std::vector<Judged> by_model;
  std::vector<Judged> by_rules;
  std::vector<Judged> paths;
  std::vector<Judged> by_share;
  const double share =
      static_cast<double>(report.fitted_critical) / static_cast<double>(report.fitted);
  for (const Example& example : set.examples()) {
    if (!example.held_out) continue;
    by_model.push_back({ScoreOf(weights, set, example), example.critical});
    by_rules.push_back({example.rule_score, example.critical});
    paths.push_back({example.rule_critical ? 1.0 : 0.0, example.critical});
    by_share.push_back({share, example.critical});
  }
  report.model = Measure(options.threshold, by_model);
  report.rules = Measure(options.threshold, by_rules);
  report.rules.confusion = ConfusionAt(0.5, paths);
  report.majority = ConfusionAt(0.5, by_share);
  report.majority_log_loss = Measure(0.5, by_share).log_loss;
  for (int tenth = 1; tenth < 10; ++tenth) {
    const double threshold = tenth / 10.0;
    report.thresholds.push_back({threshold, ConfusionAt(threshold, by_model)});
  }
}

}  // namespace

absl::StatusOr<Trained> Train(const TrainingSet& set, const TrainingOptions& options) {
  const Counts counts = CountOf(set);
  NEXUS_RETURN_IF_ERROR(CheckCounts("to fit", counts.fitted_critical, counts.fitted));
  NEXUS_RETURN_IF_ERROR(
      CheckCounts("that are held out", counts.held_out_critical, counts.held_out));
  const std::vector<uint32_t> columns = Choose(set, counts.fitted, options);
  const LogisticFit fit = FitLogistic(ProblemOf(set, columns, options.l2));
  ModelOrigin origin;
  origin.labels = options.labels;
  origin.events = counts.fitted;
  origin.critical = counts.fitted_critical;
  origin.held_out = counts.held_out;
  origin.l2 = Rounded(options.l2);
  Trained trained;
  TrainingReport& report = trained.report;
  report.fitted = counts.fitted;
  report.fitted_critical = counts.fitted_critical;
  report.held_out = counts.held_out;
  report.held_out_critical = counts.held_out_critical;
  report.passes = fit.passes;
  report.converged = fit.converged;
  trained.model =
      std::make_shared<CriticalityModel>(WeightsOf(fit, set, columns), std::move(origin));
  report.features = trained.model->feature_count();
  MeasureHeldOut(set, trained.model->weights(), options, report);
  if (ModelText(*trained.model).size() > kModelBytesMax) {
    return MakeError(ErrorReason::kLimitExceeded,
                     absl::StrCat("the model has more than ", kModelBytesMax,
                                  " bytes: let it have fewer features"));
  }
  return trained;
}

}  // namespace nexus::route::learned
