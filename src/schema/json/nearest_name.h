#pragma once

// The name that somebody may have meant.

#include <cstddef>
#include <string>
#include <string_view>

namespace nexus::schema {

class NearestName {
 public:
  // Compares `name` with the first `candidates_max` that are offered.
  NearestName(std::string_view name, size_t candidates_max);

  // One that differs by spelling alone ("customerId", "customer_id"), or else by the fewest slips
  // of the keyboard, two at most; the first of equals.
  void Offer(std::string_view candidate);
  // Empty: none is near.
  const std::string& found() const { return found_; }

 private:
  const std::string name_;
  const std::string bare_name_;
  size_t candidates_left_;
  size_t distance_;
  std::string found_;
};

}  // namespace nexus::schema
