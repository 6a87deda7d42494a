#pragma once

// The table of bounds, tests/cost/bounds.txt: what an append may cost at most.

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace nexus::cost {

struct Bound {
  double measured = 0;  // when the line was written
  double most = 0;
};

class Bounds {
 public:
  // kInvalidArgument names the line that is wrong.
  static absl::StatusOr<Bounds> Parse(absl::string_view text);

  // kNotFound without a line; kOutOfRange says what was measured, what is allowed and what to do.
  absl::Status Check(const std::string& workload, const std::string& measure,
                     double measured) const;

 private:
  std::map<std::string, Bound> bounds_;  // by "workload measure"
};

// The line that holds what was measured, with head room.
std::string BoundLine(const std::string& workload, const std::string& measure, double measured);

}  // namespace nexus::cost
