#include "cost/bounds.h"

#include <algorithm>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nexus::cost {
namespace {

constexpr double kHeadRoom = 1.15;
// Below one for each append, a call now and then from elsewhere weighs more than 15 %.
constexpr double kLeastRoom = 0.2;

}  // namespace

absl::StatusOr<Bounds> Bounds::Parse(absl::string_view text) {
  Bounds bounds;
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::StripAsciiWhitespace(line).empty() || line[0] == '#') continue;
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    Bound bound;
    if (words.size() != 4 || !absl::SimpleAtod(words[2], &bound.measured) ||
        !absl::SimpleAtod(words[3], &bound.most)) {
      return absl::InvalidArgumentError(absl::StrCat("not a bound: ", line));
    }
    if (!bounds.bounds_.emplace(absl::StrCat(words[0], " ", words[1]), bound).second) {
      return absl::InvalidArgumentError(absl::StrCat("a second bound: ", line));
    }
  }
  return bounds;
}

absl::Status Bounds::Check(const std::string& workload, const std::string& measure,
                           double measured) const {
  const auto found = bounds_.find(absl::StrCat(workload, " ", measure));
  const std::string line = BoundLine(workload, measure, measured);
  if (found == bounds_.end()) {
    return absl::NotFoundError(absl::StrCat("no bound yet; in tests/cost/bounds.txt:\n", line));
  }
  if (measured <= found->second.most) return absl::OkStatus();
  return absl::OutOfRangeError(absl::StrFormat(
      "%s: %.1f %s an append, bound %.1f (it was %.1f). See what made it dearer; if it is worth "
      "that, say so in the commit and put into tests/cost/bounds.txt:\n%s",
      workload, measured, measure, found->second.most, found->second.measured, line));
}

std::string BoundLine(const std::string& workload, const std::string& measure, double measured) {
  return absl::StrFormat("%-10s %-16s %10.1f %10.1f", workload, measure, measured,
                         std::max(measured * kHeadRoom, measured + kLeastRoom));
}

}  // namespace nexus::cost
