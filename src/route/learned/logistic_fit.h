#pragma once

// Logistic regression with an L2 penalty: the weights w that minimise
//
//   sum over rows of log(1 + exp(-y (w . x))), y = +1 or -1,  and  l2 / 2 |w|^2
//
// where the intercept bears no penalty. Strictly convex but for it, so there is one answer whatever
// way leads there. Found by L-BFGS (D. C. Liu, J. Nocedal: On the limited memory BFGS method for
// large scale optimization, Mathematical Programming 45, 1989) with a line search that bisects
// until the weak Wolfe conditions hold. No chance is involved: equal rows in equal order give equal
// weights on one machine.
//
// Pure. Time: a few hundred passes over the rows at most.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace nexus::route::learned {

struct Row {
  std::vector<uint32_t> columns;  // those that are 1; distinct
  double number = 0;              // the one column that is no yes or no
  bool positive = false;
};

struct LogisticProblem {
  size_t columns = 0;
  std::vector<Row> rows;
  double l2 = 1;
  size_t passes_max = 1'000;
};

struct LogisticFit {
  std::vector<double> columns;  // weights
  double number = 0;
  double intercept = 0;
  size_t passes = 0;
  bool converged = false;  // the gradient is 10^-7 of what it was first, or 10^-9 a row
  double objective = 0;
};

// `rows` must not be empty.
LogisticFit FitLogistic(const LogisticProblem& problem);

}  // namespace nexus::route::learned
