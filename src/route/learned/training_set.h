#pragma once

// Labelled events, as far as a model looks at them. Bounded: a million events, 100,000 distinct
// names of features and 1,000 values of a metadata key; later ones are not looked at. A key with so
// many values, such as an id, tells nothing of events to come.
//
// Not thread-safe. What is given to Add() is copied.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "nexus/core/event.h"

namespace nexus::route::learned {

inline constexpr size_t kExamplesMax = 1'000'000;
inline constexpr size_t kCandidatesMax = 100'000;
inline constexpr size_t kValuesMax = 1'000;

enum class FeatureKind : uint8_t { kType, kCategory, kMetadataKey, kMetadataValue };

struct Feature {
  FeatureKind kind = FeatureKind::kType;
  std::string name;   // of the type, category or key
  std::string value;  // of a kMetadataValue
};

struct Example {
  std::vector<uint32_t> features;  // indices of features()
  uint64_t bytes = 0;
  double rule_score = 0;  // what the rules of now say, to compare
  bool rule_critical = false;
  bool critical = false;  // the label
  bool held_out = false;
};

// Whether an event is kept apart to measure: by a digest of `group`, so that it is so in every run,
// and all of one group are. `share`: 0 to 1.
bool IsHeldOut(absl::string_view group, double share);

class TrainingSet {
 public:
  struct Options {
    double held_out = 0.2;
    // Names and values of these keys are not looked at: a model is in the log for all to read.
    absl::flat_hash_set<std::string> ignored_metadata = {};
  };

  explicit TrainingSet(Options options) : options_(std::move(options)) {}

  // `group`: what is held out or not as a whole, such as the stream. `rule_score`, `rule_critical`:
  // what the rules of now say of it. False: there are kExamplesMax already.
  bool Add(const RecordedEvent& event, bool critical, absl::string_view group, double rule_score,
           bool rule_critical);

  const std::vector<Example>& examples() const { return examples_; }
  const std::vector<Feature>& features() const { return features_; }
  // Uses of names beyond the bounds.
  uint64_t unseen_names() const { return unseen_; }

 private:
  void AddFeature(Example& example, FeatureKind kind, absl::string_view name,
                  absl::string_view value);

  const Options options_;
  std::vector<Example> examples_;
  std::vector<Feature> features_;
  absl::flat_hash_map<std::string, uint32_t> indices_;
  absl::flat_hash_map<std::string, size_t> values_;  // how many distinct ones a key has
  uint64_t unseen_ = 0;
};

}  // namespace nexus::route::learned
