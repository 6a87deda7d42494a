#pragma once

// How well scores tell critical events from others. Pure.

#include <cstdint>
#include <optional>
#include <vector>

namespace nexus::route::learned {

struct Judged {
  double score = 0;  // 0 to 1
  bool critical = false;
};

// What comes of calling critical whatever scores above a threshold.
struct Confusion {
  uint64_t true_positives = 0;
  uint64_t false_positives = 0;
  uint64_t true_negatives = 0;
  uint64_t false_negatives = 0;

  uint64_t total() const {
    return true_positives + false_positives + true_negatives + false_negatives;
  }
  double Accuracy() const;
  // Nothing where it would be a division by 0.
  std::optional<double> Precision() const;
  std::optional<double> Recall() const;
  std::optional<double> F1() const;

  friend bool operator==(const Confusion&, const Confusion&) = default;
};

struct CalibrationBin {
  uint64_t events = 0;
  double mean_score = 0;
  double critical_share = 0;
};

struct Quality {
  Confusion confusion;
  // The probability that a critical event scores above another one, ties counted half; nothing if
  // there is only one kind.
  std::optional<double> auc;
  double log_loss = 0;     // mean, natural logarithm; scores are kept 10^-9 away from 0 and 1
  double brier = 0;        // mean square of what scores are off
  double calibration = 0;  // mean distance of score and share, over the bins
  std::vector<CalibrationBin> bins;  // ten of equal width
};

Confusion ConfusionAt(double threshold, const std::vector<Judged>& events);
// `events` must not be empty.
Quality Measure(double threshold, const std::vector<Judged>& events);

}  // namespace nexus::route::learned
