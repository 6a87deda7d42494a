#pragma once

// The part of an input that a decision can depend on, as text: two inputs with the same part get
// the same decision.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {

// Immutable; thread-safe.
class InputProjection {
 public:
  explicit InputProjection(const InputPaths& paths);

  // Appends the members that the paths name, with their names, in the order of the input. False if
  // the input is not sound as far as it was read. `input` is only lengthened beyond its end, for
  // the reader's sake.
  bool Append(std::string& input, std::string& out) const;

  struct Node {
    std::string key;
    std::vector<Node> members;  // none: all of it
  };

 private:
  Node root_;
};

}  // namespace nexus::policy
