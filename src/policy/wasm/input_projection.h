#pragma once

// The part of an input that a decision can depend on, as an input of its own: two inputs with the
// same part get the same decision, and so does the part itself.

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {

// Immutable; thread-safe.
class InputProjection {
 public:
  explicit InputProjection(const InputPaths& paths);

  // Appends one JSON object: the members that the paths name, in the order of the input; what
  // stands at a place of which only the shape or the kind is read has no content. False if the
  // input is not sound as far as it was read.
  bool Append(absl::string_view input, std::string& out) const;

  // Plain data: what is taken of the value at one place.
  struct Member;
  struct Node {
    std::vector<Member> members;
    std::shared_ptr<const Node> each;  // of every other element or member; null: nothing
    bool whole = false;
    bool shape = false;
  };
  struct Member {
    std::string name;
    Node node;
  };

 private:
  Node root_;
};

}  // namespace nexus::policy
