#pragma once

// Reads a map of a YAML document strictly: a member that is missing, empty, there twice or not
// known is a fault, and so is one of the wrong kind. Faults name the place by a JSON pointer and a
// line.
//
// The first fault stays; what is read after it is of no use. Not thread-safe. yaml-cpp may throw:
// who calls catches.

#include <yaml-cpp/yaml.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace nexus::cost {

// MALFORMED_REQUEST with a violation that has the pointer.
absl::Status PriceFault(absl::string_view pointer, int line, absl::string_view message);

class StrictMap {
 public:
  StrictMap(const YAML::Node& node, std::string pointer);

  bool Has(absl::string_view name) const;
  // Each that is asked for by name must be there, except OptionalText.
  std::string Text(absl::string_view name);
  std::string OptionalText(absl::string_view name);
  bool Flag(absl::string_view name);
  uint64_t Number(absl::string_view name, uint64_t min, uint64_t max);
  StrictMap Map(absl::string_view name);
  // Of a map whose names are free: all of them, in the order of the file.
  std::vector<std::string> Names() const;

  void Fail(absl::string_view name, absl::string_view message);
  void Take(const absl::Status& status);  // of a part that was read elsewhere
  bool ok() const { return status_.ok(); }
  // OK if all went well and nobody wonders about a member.
  absl::Status Finish();

 private:
  struct Member {
    std::string name;
    YAML::Node node;
    int line = 0;
  };

  const Member* Find(absl::string_view name) const;
  const Member* Require(absl::string_view name);
  const std::string* Scalar(absl::string_view name);

  const std::string pointer_;
  int line_ = 0;
  std::vector<Member> members_;
  absl::flat_hash_set<std::string> asked_;
  absl::Status status_;
};

}  // namespace nexus::cost
