#pragma once

// Places of an input, as far as a plan looks for them: members by name, or whatever is in a value.
//
// Not thread-safe.

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <string>

#include "absl/container/btree_set.h"
#include "absl/strings/string_view.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {

class InputTree {
 public:
  struct Place;
  // What a value may be a part of.
  using Places = absl::btree_set<Place*>;

  struct Place {
    std::map<std::string, std::unique_ptr<Place>> members;
    std::unique_ptr<Place> each;     // of an array or an object
    bool whole = false;              // read with all that is in it
    bool whole_unformatted = false;  // also by more than texts of messages
    bool shape = false;              // its keys, or how many are in it
    size_t depth = 0;
    // An array that the policy makes, which is no place of the input: what it is made of.
    bool made = false;
    Places content;
  };

  Place& root() { return root_; }
  // Larger after everything that became known.
  size_t knowledge() const { return knowledge_; }
  size_t size() const { return size_; }

  // The places within; the whole of those that are too deep, or whose member has a name that means
  // something in paths.
  Places Member(const Places& places, absl::string_view name);
  Places Each(const Places& places);

  void ReadShape(const Places& places);
  // `formatted`: for nothing but the text of a message.
  void ReadWhole(const Places& places, bool formatted);

  Place& NewArray();
  void Append(const Places& values, const Places& arrays);

  InputReads Reads() const;

 private:
  void Mark(bool& mark);
  Place& Within(const Place& place, std::unique_ptr<Place>& child);
  // True for what has members of its own to look at; the others are read whole.
  bool HasPlaces(Place& place);

  Place root_;
  std::deque<Place> arrays_;
  size_t size_ = 1;
  size_t knowledge_ = 0;
};

}  // namespace nexus::policy
