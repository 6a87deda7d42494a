#include "route/learned/logistic_fit.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "gtest/gtest.h"

namespace nexus::route::learned {
namespace {

// The objective, written down once more and as plainly as can be.
double ObjectiveOf(const LogisticProblem& problem, const LogisticFit& fit) {
  double mean = 0;
  double squares = 0;
  for (const Row& row : problem.rows) mean += row.number / static_cast<double>(problem.rows.size());
  for (const Row& row : problem.rows) squares += std::pow(row.number - mean, 2);
  const double deviation = std::sqrt(squares / static_cast<double>(problem.rows.size()));
  double sum = problem.l2 / 2 * std::pow(fit.number * std::max(1.0, deviation), 2);
  for (const double weight : fit.columns) sum += problem.l2 / 2 * weight * weight;
  for (const Row& row : problem.rows) {
    double odds = fit.intercept + fit.number * row.number;
    for (const uint32_t column : row.columns) odds += fit.columns[column];
    sum += std::log(1 + std::exp(row.positive ? -odds : odds));
  }
  return sum;
}

LogisticProblem RandomProblem(uint64_t seed, size_t rows, size_t columns, double l2) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> share(0, 1);
  LogisticProblem problem;
  problem.columns = columns;
  problem.l2 = l2;
  for (size_t i = 0; i < rows; ++i) {
    Row& row = problem.rows.emplace_back();
    double odds = -0.5;
    for (uint32_t column = 0; column < columns; ++column) {
      if (share(random) > 0.3) continue;
      row.columns.push_back(column);
      odds += column % 2 == 0 ? 1.5 : -1;
    }
    row.number = 20 * share(random);
    row.positive = share(random) < 1 / (1 + std::exp(-(odds + 0.1 * (row.number - 10))));
  }
  return problem;
}

TEST(LogisticFit, OneColumnWithoutPenaltyIsTheLogarithmOfTheOdds) {
  LogisticProblem problem;
  problem.columns = 1;
  problem.l2 = 1e-12;
  for (int i = 0; i < 100; ++i) problem.rows.push_back({{0}, 0, i < 80});  // odds 4
  for (int i = 0; i < 100; ++i) problem.rows.push_back({{}, 0, i < 20});   // odds 1/4
  const LogisticFit fit = FitLogistic(problem);
  EXPECT_TRUE(fit.converged);
  EXPECT_NEAR(fit.intercept, -std::log(4), 1e-6);
  EXPECT_NEAR(fit.columns[0], 2 * std::log(4), 1e-6);
  EXPECT_EQ(fit.number, 0);
}

// Strictly convex: where no small change of any weight is better, none is.
TEST(LogisticFit, NothingNearIsBetter) {
  for (const double l2 : {0.01, 1.0, 100.0}) {
    const LogisticProblem problem = RandomProblem(3, 800, 12, l2);
    const LogisticFit fit = FitLogistic(problem);
    EXPECT_TRUE(fit.converged) << l2;
    const double best = ObjectiveOf(problem, fit);
    EXPECT_NEAR(best, fit.objective, 1e-6 * best);
    for (const double change : {-1e-3, 1e-3}) {
      LogisticFit other = fit;
      other.intercept += change;
      EXPECT_GT(ObjectiveOf(problem, other), best);
      other = fit;
      other.number += change;
      EXPECT_GT(ObjectiveOf(problem, other), best);
      for (size_t i = 0; i < fit.columns.size(); ++i) {
        other = fit;
        other.columns[i] += change;
        EXPECT_GT(ObjectiveOf(problem, other), best) << i;
      }
    }
  }
}

TEST(LogisticFit, FindsTheWeightsThatMadeTheLabels) {
  const LogisticFit fit = FitLogistic(RandomProblem(5, 40'000, 6, 1));
  for (size_t i = 0; i < fit.columns.size(); ++i) {
    EXPECT_NEAR(fit.columns[i], i % 2 == 0 ? 1.5 : -1, 0.12) << i;
  }
  EXPECT_NEAR(fit.number, 0.1, 0.02);
}

// Labels by chance, sizes that are nearly one: they say nothing of a size that is another.
TEST(LogisticFit, DoesNotCarryTinyDifferencesFar) {
  std::mt19937_64 random(8);
  LogisticProblem problem;
  for (int i = 0; i < 500; ++i) {
    problem.rows.push_back({{}, 3 + 0.05 * static_cast<double>(random() % 2), random() % 2 == 0});
  }
  const LogisticFit fit = FitLogistic(problem);
  EXPECT_TRUE(fit.converged);
  EXPECT_LT(std::abs(fit.number), 0.3);
}

TEST(LogisticFit, IsTheSameEachTime) {
  const LogisticProblem problem = RandomProblem(9, 500, 20, 1);
  const LogisticFit first = FitLogistic(problem);
  const LogisticFit second = FitLogistic(problem);
  EXPECT_EQ(first.columns, second.columns);
  EXPECT_EQ(first.intercept, second.intercept);
}

// No weights are large enough for it, but for the penalty.
TEST(LogisticFit, EndsWhereTheKindsCanBeToldApart) {
  LogisticProblem problem;
  problem.columns = 2;
  for (int i = 0; i < 50; ++i) problem.rows.push_back({{0}, 1, true});
  for (int i = 0; i < 50; ++i) problem.rows.push_back({{1}, 30, false});
  const LogisticFit fit = FitLogistic(problem);
  EXPECT_TRUE(fit.converged);
  EXPECT_GT(fit.columns[0], 0.5);
  EXPECT_LT(fit.columns[1], -0.5);
  EXPECT_LT(fit.number, 0);
}

TEST(LogisticFit, StopsAtTheBoundOfPassesAndSaysSo) {
  LogisticProblem problem = RandomProblem(3, 800, 12, 0.01);
  problem.passes_max = 3;
  const LogisticFit fit = FitLogistic(problem);
  EXPECT_FALSE(fit.converged);
  EXPECT_LE(fit.passes, 63u);
}

}  // namespace
}  // namespace nexus::route::learned
