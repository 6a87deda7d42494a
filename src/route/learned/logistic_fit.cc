#include "route/learned/logistic_fit.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <limits>
#include <utility>

namespace nexus::route::learned {
namespace {

using Vector = std::vector<double>;

constexpr size_t kMemory = 10;
constexpr double kGradientShrinks = 1e-7;
constexpr double kGradientARow = 1e-9;  // where it is small from the start
constexpr double kSufficientDecrease = 1e-4;
// Of the value: what a sum over many rows is off. Near the end the gradient still tells more.
constexpr double kValueNoise = 1e-12;
constexpr double kCurvature = 0.9;
constexpr int kStepsMax = 60;

double Dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

double Largest(const Vector& a) {
  double largest = 0;
  for (const double value : a) largest = std::max(largest, std::abs(value));
  return largest;
}

Vector Along(const Vector& from, double step, const Vector& direction) {
  Vector to = from;
  for (size_t i = 0; i < to.size(); ++i) to[i] += step * direction[i];
  return to;
}

// The objective over weights: the columns, then the number, then the intercept. The number is
// scaled to mean 0 and deviation 1 at most, so that the penalty means the same for all. Where it
// hardly differs it keeps its scale: what tiny differences seem to say would be carried far.
class Objective {
 public:
  explicit Objective(const LogisticProblem& problem) : problem_(problem) {
    double sum = 0;
    double squares = 0;
    for (const Row& row : problem.rows) sum += row.number;
    const auto n = static_cast<double>(problem.rows.size());
    mean_ = sum / n;
    for (const Row& row : problem.rows) squares += (row.number - mean_) * (row.number - mean_);
    deviation_ = std::max(1.0, std::sqrt(squares / n));
  }

  size_t size() const { return problem_.columns + 2; }

  double operator()(const Vector& w, Vector& gradient) const {
    const size_t number = problem_.columns;
    const size_t intercept = number + 1;
    gradient.assign(size(), 0);
    double loss = 0;
    for (const Row& row : problem_.rows) {
      const double scaled = (row.number - mean_) / deviation_;
      double odds = w[intercept] + w[number] * scaled;
      for (const uint32_t column : row.columns) odds += w[column];
      const double margin = row.positive ? odds : -odds;
      // Both without overflow, whatever the sign.
      const double tail = std::exp(-std::abs(margin));
      loss += std::log1p(tail) + std::max(0.0, -margin);
      const double miss = margin >= 0 ? tail / (1 + tail) : 1 / (1 + tail);
      const double slope = row.positive ? -miss : miss;
      for (const uint32_t column : row.columns) gradient[column] += slope;
      gradient[number] += slope * scaled;
      gradient[intercept] += slope;
    }
    for (size_t i = 0; i < intercept; ++i) {
      loss += problem_.l2 / 2 * w[i] * w[i];
      gradient[i] += problem_.l2 * w[i];
    }
    return loss;
  }

  LogisticFit FitOf(const Vector& w) const {
    LogisticFit fit;
    fit.columns.assign(w.begin(), w.begin() + static_cast<ptrdiff_t>(problem_.columns));
    fit.number = w[problem_.columns] / deviation_;
    fit.intercept = w[problem_.columns + 1] - fit.number * mean_;
    return fit;
  }

 private:
  const LogisticProblem& problem_;
  double mean_ = 0;
  double deviation_ = 1;
};

// The inverse of the curvature, from the last few steps: the two loops of the paper.
class Curvature {
 public:
  Vector Times(Vector q) const {
    std::vector<double> alphas(pairs_.size());
    for (size_t i = pairs_.size(); i-- > 0;) {
      const Pair& pair = pairs_[i];
      alphas[i] = Dot(pair.step, q) / pair.product;
      q = Along(q, -alphas[i], pair.change);
    }
    if (!pairs_.empty()) {
      const Pair& last = pairs_.back();
      const double scale = last.product / Dot(last.change, last.change);
      for (double& value : q) value *= scale;
    }
    for (size_t i = 0; i < pairs_.size(); ++i) {
      const double beta = Dot(pairs_[i].change, q) / pairs_[i].product;
      q = Along(q, alphas[i] - beta, pairs_[i].step);
    }
    return q;
  }

  void Learn(Vector step, Vector change) {
    const double product = Dot(step, change);
    if (!(product > 0)) return;
    pairs_.push_back({std::move(step), std::move(change), product});
    if (pairs_.size() > kMemory) pairs_.pop_front();
  }

  bool empty() const { return pairs_.empty(); }

 private:
  struct Pair {
    Vector step;
    Vector change;  // of the gradient
    double product;
  };
  std::deque<Pair> pairs_;
};

struct Point {
  Vector w;
  Vector gradient;
  double value = 0;
};

// The next point along `direction`; `passes` counts. False: no step makes it smaller.
bool Step(const Objective& objective, const Point& from, const Vector& direction, double first,
          Point& to, size_t& passes) {
  const double slope = Dot(from.gradient, direction);
  const double noise = kValueNoise * std::abs(from.value);
  double low = 0;
  double high = std::numeric_limits<double>::infinity();
  double step = first;
  for (int i = 0; i < kStepsMax; ++i) {
    to.w = Along(from.w, step, direction);
    to.value = objective(to.w, to.gradient);
    ++passes;
    if (!(to.value <= from.value + noise + kSufficientDecrease * step * slope)) {
      high = step;
    } else if (Dot(to.gradient, direction) < kCurvature * slope) {
      low = step;
    } else {
      return true;
    }
    step = std::isinf(high) ? 2 * low : (low + high) / 2;
  }
  return to.value <= from.value + noise;
}

}  // namespace

LogisticFit FitLogistic(const LogisticProblem& problem) {
  const Objective objective(problem);
  Curvature curvature;
  Point now;
  now.w.assign(objective.size(), 0);
  now.value = objective(now.w, now.gradient);
  size_t passes = 1;
  const double enough = std::max(kGradientShrinks * Largest(now.gradient),
                                 kGradientARow * static_cast<double>(problem.rows.size()));
  bool converged = Largest(now.gradient) <= enough;
  while (!converged && passes < problem.passes_max) {
    Vector direction = curvature.Times(now.gradient);
    for (double& value : direction) value = -value;
    const double first = curvature.empty() ? 1 / std::max(1.0, Largest(now.gradient)) : 1;
    Point next;
    if (!Step(objective, now, direction, first, next, passes)) break;
    curvature.Learn(Along(next.w, -1, now.w), Along(next.gradient, -1, now.gradient));
    now = std::move(next);
    converged = Largest(now.gradient) <= enough;
  }
  LogisticFit fit = objective.FitOf(now.w);
  fit.passes = passes;
  fit.converged = converged;
  fit.objective = now.value;
  return fit;
}

}  // namespace nexus::route::learned
