#include "route/declaration/criticality_model.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "digest/sha256.h"
#include "nexus/core/stream_name.h"

namespace nexus::route {
namespace {

constexpr int kSizeBits = 20;
constexpr int kUnitBits = 30;
constexpr int64_t kUnit = int64_t{1} << kUnitBits;
constexpr Millionths kLogOddsMax = 40 * kOne;  // beyond it 30 bits tell no difference

// log2(e) in units of 2^-56, for each millionth: times kLogOddsMax it fits 63 bits.
constexpr int kExponentBits = 56;
constexpr int64_t kExponentAMillionth = 103'957'133'577;
constexpr int64_t kLn2 = 744'261'118;  // in units of 2^-30

// 2^-x for x in [0, 1), both in units of 2^-30: the power series of e^(-x ln 2). The first
// term that is left out is below 2^-31.
int64_t NegativePower(int64_t x) {
  const int64_t t = (x * kLn2) >> kUnitBits;
  int64_t sum = kUnit;
  for (int64_t k = 10; k >= 1; --k) sum = kUnit - ((t * sum) >> kUnitBits) / k;
  return sum;
}

Millionths WeightIn(const FeatureWeights& weights, absl::string_view name) {
  const auto found = weights.find(name);
  return found == weights.end() ? 0 : found->second;
}

Millionths Magnitude(Millionths value) { return value < 0 ? -value : value; }

void AddTerm(std::vector<ModelTerm>& terms, std::string name, double value, Millionths weight,
             Millionths contribution) {
  if (contribution == 0) return;
  terms.push_back({std::move(name), value, weight, contribution});
}

// What is there counts with its whole weight.
void AddPresent(std::vector<ModelTerm>& terms, std::string name, Millionths weight) {
  AddTerm(terms, std::move(name), 1, weight, weight);
}

}  // namespace

CriticalityModel::CriticalityModel(ModelWeights weights, ModelOrigin origin)
    : weights_(std::move(weights)),
      origin_(std::move(origin)),
      digest_(Sha256Hex(ModelText(weights_, origin_))) {}

int64_t SizeMeasure(uint64_t bytes) {
  const uint64_t n = std::min<uint64_t>(bytes, (uint64_t{1} << 40) - 1) + 1;
  const int whole = std::bit_width(n) - 1;
  const uint64_t rest = n - (uint64_t{1} << whole);
  return (int64_t{whole} << kSizeBits) + static_cast<int64_t>((rest << kSizeBits) >> whole);
}

Millionths SizeContribution(Millionths weight, uint64_t bytes) {
  return weight * SizeMeasure(bytes) / (int64_t{1} << kSizeBits);
}

double Logistic(Millionths log_odds) {
  const Millionths distance = std::min(Magnitude(log_odds), kLogOddsMax);
  const int64_t exponent = distance * kExponentAMillionth;
  const int64_t fraction = exponent & ((int64_t{1} << kExponentBits) - 1);
  const int64_t power =
      NegativePower(fraction >> (kExponentBits - kUnitBits)) >> (exponent >> kExponentBits);
  const int64_t likelier = (kUnit << kUnitBits) / (kUnit + power);
  const int64_t units = log_odds < 0 ? kUnit - likelier : likelier;
  return static_cast<double>(units) / static_cast<double>(kUnit);
}

Millionths CriticalityModel::LogOdds(const RecordedEvent& event) const {
  Millionths sum = weights_.intercept + SizeContribution(weights_.size, event.data.size());
  sum += WeightIn(weights_.types, event.type);
  sum += WeightIn(weights_.categories, StreamName::CategoryOf(event.stream));
  if (weights_.metadata.empty()) return sum;
  for (const auto& [key, value] : event.metadata) {
    const auto found = weights_.metadata.find(key);
    if (found == weights_.metadata.end()) continue;
    sum += found->second.present + WeightIn(found->second.values, value);
  }
  return sum;
}

double CriticalityModel::Score(const RecordedEvent& event) const {
  return Logistic(LogOdds(event));
}

std::vector<ModelTerm> CriticalityModel::Explain(const RecordedEvent& event) const {
  std::vector<ModelTerm> terms;
  const uint64_t bytes = event.data.size();
  const absl::string_view category = StreamName::CategoryOf(event.stream);
  AddPresent(terms, "intercept", weights_.intercept);
  AddTerm(terms, "size", static_cast<double>(SizeMeasure(bytes)) / (1 << kSizeBits), weights_.size,
          SizeContribution(weights_.size, bytes));
  AddPresent(terms, absl::StrCat("type=", event.type), WeightIn(weights_.types, event.type));
  AddPresent(terms, absl::StrCat("category=", category), WeightIn(weights_.categories, category));
  for (const auto& [key, value] : event.metadata) {
    const auto found = weights_.metadata.find(key);
    if (found == weights_.metadata.end()) continue;
    AddPresent(terms, absl::StrCat("metadata.", key), found->second.present);
    AddPresent(terms, absl::StrCat("metadata.", key, "=", value),
               WeightIn(found->second.values, value));
  }
  std::sort(terms.begin(), terms.end(), [](const ModelTerm& a, const ModelTerm& b) {
    return std::make_tuple(-Magnitude(a.contribution), std::cref(a.name)) <
           std::make_tuple(-Magnitude(b.contribution), std::cref(b.name));
  });
  return terms;
}

size_t CriticalityModel::feature_count() const {
  size_t count = weights_.types.size() + weights_.categories.size();
  for (const auto& [key, weights] : weights_.metadata) count += 1 + weights.values.size();
  return count;
}

}  // namespace nexus::route
