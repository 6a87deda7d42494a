#pragma once

// Sorting and searching that count what they compare: the cost of a check without a clock.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace nexus::history {

class Steps {
 public:
  void Take(uint64_t n = 1) { count_ += n; }
  uint64_t count() const { return count_; }

  template <typename T, typename Less>
  void Sort(std::vector<T>& values, Less less) {
    std::sort(values.begin(), values.end(), [this, &less](const T& a, const T& b) {
      Take();
      return less(a, b);
    });
  }

  // The index of the first value that is not below `key`; values.size() if there is none.
  template <typename T, typename Below>
  size_t Find(const std::vector<T>& values, Below below) {
    const auto it =
        std::partition_point(values.begin(), values.end(), [this, &below](const T& value) {
          Take();
          return below(value);
        });
    return static_cast<size_t>(it - values.begin());
  }

 private:
  uint64_t count_ = 0;
};

}  // namespace nexus::history
