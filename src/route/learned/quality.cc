#include "route/learned/quality.h"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace nexus::route::learned {
namespace {

constexpr size_t kBins = 10;
constexpr double kClose = 1e-9;

std::optional<double> Share(uint64_t part, uint64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

// By ranks, those of equal scores shared (Mann and Whitney's U).
std::optional<double> AreaUnderCurve(std::vector<Judged> events) {
  std::sort(events.begin(), events.end(),
            [](const Judged& a, const Judged& b) { return a.score < b.score; });
  double ranks = 0;
  uint64_t critical = 0;
  for (size_t from = 0; from < events.size();) {
    size_t to = from;
    uint64_t here = 0;
    while (to < events.size() && events[to].score == events[from].score) {
      here += events[to++].critical ? 1 : 0;
    }
    ranks += static_cast<double>(here) * static_cast<double>(from + 1 + to) / 2;
    critical += here;
    from = to;
  }
  const uint64_t others = events.size() - critical;
  if (critical == 0 || others == 0) return std::nullopt;
  const auto n = static_cast<double>(critical);
  return (ranks - n * (n + 1) / 2) / (n * static_cast<double>(others));
}

void FillBins(const std::vector<Judged>& events, Quality& quality) {
  quality.bins.resize(kBins);
  for (const Judged& event : events) {
    const auto at = static_cast<size_t>(event.score * kBins);
    CalibrationBin& bin = quality.bins[std::min(at, kBins - 1)];
    ++bin.events;
    bin.mean_score += event.score;
    bin.critical_share += event.critical ? 1 : 0;
  }
  for (CalibrationBin& bin : quality.bins) {
    if (bin.events == 0) continue;
    const auto n = static_cast<double>(bin.events);
    bin.mean_score /= n;
    bin.critical_share /= n;
    quality.calibration +=
        n / static_cast<double>(events.size()) * std::abs(bin.mean_score - bin.critical_share);
  }
}

}  // namespace

double Confusion::Accuracy() const {
  return Share(true_positives + true_negatives, total()).value_or(0);
}

std::optional<double> Confusion::Precision() const {
  return Share(true_positives, true_positives + false_positives);
}

std::optional<double> Confusion::Recall() const {
  return Share(true_positives, true_positives + false_negatives);
}

std::optional<double> Confusion::F1() const {
  return Share(2 * true_positives, 2 * true_positives + false_positives + false_negatives);
}

Confusion ConfusionAt(double threshold, const std::vector<Judged>& events) {
  Confusion confusion;
  for (const Judged& event : events) {
    if (event.score > threshold) {
      ++(event.critical ? confusion.true_positives : confusion.false_positives);
    } else {
      ++(event.critical ? confusion.false_negatives : confusion.true_negatives);
    }
  }
  return confusion;
}

Quality Measure(double threshold, const std::vector<Judged>& events) {
  Quality quality;
  quality.confusion = ConfusionAt(threshold, events);
  quality.auc = AreaUnderCurve(events);
  for (const Judged& event : events) {
    const double likely = std::clamp(event.score, kClose, 1 - kClose);
    quality.log_loss -= std::log(event.critical ? likely : 1 - likely);
    const double off = event.score - (event.critical ? 1 : 0);
    quality.brier += off * off;
  }
  quality.log_loss /= static_cast<double>(events.size());
  quality.brier /= static_cast<double>(events.size());
  FillBins(events, quality);
  return quality;
}

}  // namespace nexus::route::learned
