#pragma once

// From labelled events to a model, and how good it is on events that it has not seen.
//
// Pure and without chance: the same set and options give the same model on one machine.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "route/declaration/criticality_model.h"
#include "route/learned/quality.h"
#include "route/learned/training_set.h"

namespace nexus::route::learned {

struct TrainingOptions {
  double l2 = 1;
  double threshold = 0.6;       // of the report: a higher score is critical
  uint64_t events_min = 5;      // a feature of fewer events than that is chance
  size_t features_max = 1'000;  // the commonest
  std::string labels = {};      // where they came from, for the file
};

struct ThresholdRow {
  double threshold = 0;
  Confusion confusion;
};

struct TrainingReport {
  uint64_t fitted = 0;
  uint64_t fitted_critical = 0;
  uint64_t held_out = 0;
  uint64_t held_out_critical = 0;
  size_t features = 0;
  size_t passes = 0;
  bool converged = false;
  // Of the events that were held out:
  Quality model;
  Quality rules;                         // of the score of now; `confusion` is what its path says
  Confusion majority;                    // all called what most fitted events are
  double majority_log_loss = 0;          // of the share of critical events among the fitted
  std::vector<ThresholdRow> thresholds;  // 0.1 to 0.9, to choose from
};

struct Trained {
  CriticalityModelPtr model;
  TrainingReport report;
};

// MALFORMED_REQUEST unless there are critical and other events both among those to fit and those
// that are held out; LIMIT_EXCEEDED if the model is larger than its file may be.
absl::StatusOr<Trained> Train(const TrainingSet& set, const TrainingOptions& options);

}  // namespace nexus::route::learned
