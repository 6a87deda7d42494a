#pragma once

// A fitted logistic model of criticality: what may take the place of the four weights.
// docs/reference/routes.md has the file, member by member.
//
// An event has one score for ever, on whatever machine: weights are whole millionths, their sum and
// the logistic function are taken in whole numbers, so no compiler and no library of mathematics
// has a say. Immutable; thread-safe. Scoring allocates nothing.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"
#include "nexus/port/json_reader.h"

namespace nexus::route {

inline constexpr uint64_t kModelFormat = 1;
inline constexpr size_t kModelBytesMax = 256 << 10;
inline constexpr size_t kModelFeaturesMax = 4'096;
inline constexpr size_t kFeatureNameBytesMax = 1'000;

// Of log-odds: 1'000'000 is 1.
using Millionths = int64_t;
inline constexpr Millionths kOne = 1'000'000;
inline constexpr Millionths kWeightMax = 1'000 * kOne;

using FeatureWeights = absl::flat_hash_map<std::string, Millionths>;

struct MetadataWeights {
  Millionths present = 0;  // of the key, whatever its value
  FeatureWeights values;   // beside that
};

struct ModelWeights {
  Millionths intercept = 0;
  Millionths size = 0;  // for each doubling of the data's bytes and one
  FeatureWeights types = {};
  FeatureWeights categories = {};
  absl::flat_hash_map<std::string, MetadataWeights> metadata = {};
};

// What the model was fitted on; nothing is computed with it.
struct ModelOrigin {
  std::string labels;     // where the labels came from
  uint64_t events = 0;    // fitted on
  uint64_t critical = 0;  // of those
  uint64_t held_out = 0;  // kept apart, to measure
  Millionths l2 = 0;

  friend bool operator==(const ModelOrigin&, const ModelOrigin&) = default;
};

// What one feature adds to the log-odds of an event.
struct ModelTerm {
  std::string name;  // "type=order.paid", "metadata.region=eu", "size", "intercept"
  double value = 0;  // 1 for what is there, or the logarithm of the size
  Millionths weight = 0;
  Millionths contribution = 0;
};

class CriticalityModel {
 public:
  CriticalityModel(ModelWeights weights, ModelOrigin origin);

  // Log-odds of an event.
  Millionths LogOdds(const RecordedEvent& event) const;
  // Their probability, 0 to 1.
  double Score(const RecordedEvent& event) const;

  // All that is not 0, the largest first; the sum of contributions is LogOdds().
  std::vector<ModelTerm> Explain(const RecordedEvent& event) const;

  const ModelWeights& weights() const { return weights_; }
  const ModelOrigin& origin() const { return origin_; }
  size_t feature_count() const;
  // SHA-256 of ModelText() without its digest: names the model.
  const std::string& digest() const { return digest_; }

 private:
  const ModelWeights weights_;
  const ModelOrigin origin_;
  const std::string digest_;
};
// Shared by the versions of the rules that have it.
using CriticalityModelPtr = std::shared_ptr<const CriticalityModel>;

// Log-odds as a probability, to 8 places.
double Logistic(Millionths log_odds);

// The piecewise linear logarithm to base 2 of `bytes` + 1, in units of 2^-20.
int64_t SizeMeasure(uint64_t bytes);
Millionths SizeContribution(Millionths weight, uint64_t bytes);

// Strict. MALFORMED_REQUEST with the JSON pointer of what is wrong, below `pointer`.
absl::StatusOr<CriticalityModelPtr> ParseModel(absl::string_view text, JsonReader& json,
                                               const std::string& pointer = "");

// In canonical form: one model has one text.
std::string ModelText(const CriticalityModel& model);
// The same without its digest.
std::string ModelText(const ModelWeights& weights, const ModelOrigin& origin);

}  // namespace nexus::route
