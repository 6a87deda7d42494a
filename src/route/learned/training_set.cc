#include "route/learned/training_set.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "digest/sha256.h"
#include "nexus/core/stream_name.h"
#include "route/declaration/criticality_model.h"

namespace nexus::route::learned {

bool IsHeldOut(absl::string_view group, double share) {
  constexpr double kParts = 65'536;
  const Sha256Digest digest = Sha256(group);
  return (digest[0] * 256 + digest[1]) / kParts < share;
}

bool TrainingSet::Add(const RecordedEvent& event, bool critical, absl::string_view group,
                      double rule_score, bool rule_critical) {
  if (examples_.size() >= kExamplesMax) return false;
  Example example;
  example.bytes = event.data.size();
  example.critical = critical;
  example.rule_score = rule_score;
  example.rule_critical = rule_critical;
  example.held_out = IsHeldOut(group, options_.held_out);
  AddFeature(example, FeatureKind::kType, event.type, "");
  AddFeature(example, FeatureKind::kCategory, StreamName::CategoryOf(event.stream), "");
  for (const auto& [key, value] : event.metadata) {
    if (options_.ignored_metadata.contains(key)) continue;
    AddFeature(example, FeatureKind::kMetadataKey, key, "");
    AddFeature(example, FeatureKind::kMetadataValue, key, value);
  }
  examples_.push_back(std::move(example));
  return true;
}

void TrainingSet::AddFeature(Example& example, FeatureKind kind, absl::string_view name,
                             absl::string_view value) {
  if (name.size() > kFeatureNameBytesMax || value.size() > kFeatureNameBytesMax) return;
  // Lengths first: no name and value can look like another pair.
  std::string whole = absl::StrCat(static_cast<int>(kind), " ", name.size(), " ", name, value);
  const auto known = indices_.find(whole);
  if (known != indices_.end()) return example.features.push_back(known->second);
  const bool is_value = kind == FeatureKind::kMetadataValue;
  const bool too_many = is_value && values_[std::string(name)] >= kValuesMax;
  if (too_many || features_.size() >= kCandidatesMax) {
    ++unseen_;
    return;
  }
  if (is_value) ++values_[std::string(name)];
  const auto index = static_cast<uint32_t>(features_.size());
  features_.push_back({kind, std::string(name), std::string(value)});
  indices_.emplace(std::move(whole), index);
  example.features.push_back(index);
}

}  // namespace nexus::route::learned
