#include "cli/training_report.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/json.h"
#include "cli/output.h"

namespace nexus::cli {
namespace {

using route::Millionths;
using route::learned::Confusion;
using route::learned::Quality;
using route::learned::ThresholdRow;
using route::learned::Trained;
using route::learned::TrainingReport;

using Fields = std::vector<std::pair<std::string, std::string>>;
using NamedWeight = std::pair<std::string, Millionths>;

constexpr size_t kWeightsShown = 10;

std::string Share(std::optional<double> value) {
  return value ? absl::StrFormat("%.4f", *value) : "-";
}

std::string Number(std::optional<double> value) {
  return value ? absl::StrFormat("%.6g", *value) : "null";
}

std::string Percent(uint64_t part, uint64_t whole) {
  return absl::StrFormat("%.1f %%", 100.0 * static_cast<double>(part) /
                                        static_cast<double>(std::max<uint64_t>(1, whole)));
}

std::string Beside(std::optional<double> model, std::optional<double> rules,
                   std::optional<double> majority) {
  return absl::StrCat(Share(model), " (rules ", Share(rules), ", majority ", Share(majority), ")");
}

double Real(Millionths value) {
  return static_cast<double>(value) / static_cast<double>(route::kOne);
}

void AddWeights(absl::string_view prefix, const route::FeatureWeights& weights,
                std::vector<NamedWeight>& out) {
  for (const auto& [name, weight] : weights) out.emplace_back(absl::StrCat(prefix, name), weight);
}

// By magnitude, then name.
std::vector<NamedWeight> LargestWeights(const route::ModelWeights& weights) {
  std::vector<NamedWeight> all;
  all.emplace_back("size, each doubling", weights.size);
  AddWeights("type=", weights.types, all);
  AddWeights("category=", weights.categories, all);
  for (const auto& [key, metadata] : weights.metadata) {
    if (metadata.present != 0) all.emplace_back(absl::StrCat("metadata.", key), metadata.present);
    AddWeights(absl::StrCat("metadata.", key, "="), metadata.values, all);
  }
  std::sort(all.begin(), all.end(), [](const NamedWeight& a, const NamedWeight& b) {
    return std::make_pair(-std::abs(a.second), a.first) <
           std::make_pair(-std::abs(b.second), b.first);
  });
  all.resize(std::min(all.size(), kWeightsShown));
  return all;
}

std::string ConfusionText(const Confusion& confusion) {
  return absl::StrCat("critical ", confusion.true_positives, " found, ", confusion.false_negatives,
                      " missed; standard ", confusion.true_negatives, " found, ",
                      confusion.false_positives, " called critical");
}

std::string ConfusionJson(const Confusion& confusion) {
  JsonObject json;
  json.Number("true_positives", confusion.true_positives);
  json.Number("false_positives", confusion.false_positives);
  json.Number("true_negatives", confusion.true_negatives);
  json.Number("false_negatives", confusion.false_negatives);
  json.Raw("accuracy", Number(confusion.Accuracy()));
  json.Raw("precision", Number(confusion.Precision()));
  json.Raw("recall", Number(confusion.Recall())).Raw("f1", Number(confusion.F1()));
  return json.Take();
}

std::string QualityJson(const Quality& quality) {
  std::vector<std::string> bins;
  for (const auto& bin : quality.bins) {
    bins.push_back(JsonObject()
                       .Number("events", bin.events)
                       .Real("mean_score", bin.mean_score)
                       .Real("critical_share", bin.critical_share)
                       .Take());
  }
  JsonObject json;
  json.Raw("confusion", ConfusionJson(quality.confusion)).Raw("auc", Number(quality.auc));
  json.Real("log_loss", quality.log_loss).Real("brier", quality.brier);
  json.Real("calibration", quality.calibration).Raw("bins", JsonArray(bins));
  return json.Take();
}

// Scores of the rules are no probabilities: their loss and calibration would mean nothing.
std::string RulesJson(const Quality& quality) {
  return JsonObject()
      .Raw("confusion", ConfusionJson(quality.confusion))
      .Raw("auc", Number(quality.auc))
      .Take();
}

void AddThresholds(const std::vector<ThresholdRow>& rows, Fields& fields) {
  for (const ThresholdRow& row : rows) {
    const Confusion& at = row.confusion;
    fields.emplace_back(absl::StrFormat("  above %.1f", row.threshold),
                        absl::StrCat(Percent(at.true_positives + at.false_positives, at.total()),
                                     " critical, precision ", Share(at.Precision()), ", recall ",
                                     Share(at.Recall())));
  }
}

}  // namespace

Fields TrainingFields(const Trained& trained) {
  const TrainingReport& report = trained.report;
  const Confusion& model = report.model.confusion;
  const Confusion& rules = report.rules.confusion;
  Fields fields = {
      {"digest", trained.model->digest()},
      {"fitted on",
       absl::StrCat(report.fitted, " events, ", Percent(report.fitted_critical, report.fitted),
                    " critical; ", report.features, " features, ", report.passes, " passes")},
      {"held out", absl::StrCat(report.held_out, " events, ",
                                Percent(report.held_out_critical, report.held_out), " critical")},
      {"accuracy", Beside(model.Accuracy(), rules.Accuracy(), report.majority.Accuracy())},
      {"precision", Beside(model.Precision(), rules.Precision(), report.majority.Precision())},
      {"recall", Beside(model.Recall(), rules.Recall(), report.majority.Recall())},
      {"F1", Beside(model.F1(), rules.F1(), report.majority.F1())},
      {"AUC", absl::StrCat(Share(report.model.auc), " (rules ", Share(report.rules.auc), ")")},
      {"log loss", absl::StrCat(Share(report.model.log_loss), " (majority ",
                                Share(report.majority_log_loss), ")")},
      {"calibration",
       absl::StrCat(Share(report.model.calibration), " off, Brier ", Share(report.model.brier))},
      {"at the threshold", ConfusionText(model)}};
  AddThresholds(report.thresholds, fields);
  fields.emplace_back("largest weights", "");
  for (const auto& [name, weight] : LargestWeights(trained.model->weights())) {
    fields.emplace_back(absl::StrCat("  ", Printable(name, 60)),
                        absl::StrFormat("%+.4f", Real(weight)));
  }
  return fields;
}

std::string TrainingJson(const Trained& trained) {
  const TrainingReport& report = trained.report;
  std::vector<std::string> thresholds;
  for (const ThresholdRow& row : report.thresholds) {
    thresholds.push_back(JsonObject()
                             .Real("threshold", row.threshold)
                             .Raw("confusion", ConfusionJson(row.confusion))
                             .Take());
  }
  JsonObject json;
  json.Text("digest", trained.model->digest()).Number("features", report.features);
  json.Number("fitted", report.fitted).Number("fitted_critical", report.fitted_critical);
  json.Number("held_out", report.held_out).Number("held_out_critical", report.held_out_critical);
  json.Number("passes", report.passes).Bool("converged", report.converged);
  json.Raw("model", QualityJson(report.model)).Raw("rules", RulesJson(report.rules));
  json.Raw("majority", ConfusionJson(report.majority));
  json.Real("majority_log_loss", report.majority_log_loss);
  json.Raw("thresholds", JsonArray(thresholds));
  return json.Take();
}

}  // namespace nexus::cli
