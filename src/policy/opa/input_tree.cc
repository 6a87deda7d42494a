#include "policy/opa/input_tree.h"

#include <utility>
#include <vector>

namespace nexus::policy {
namespace {

constexpr size_t kPlaceDepthMax = 8;

void AddPaths(const InputTree::Place& place, bool formatted_too, std::vector<std::string>& path,
              InputPaths& paths) {
  const auto add = [&](absl::string_view last) {
    paths.push_back(path);
    paths.back().emplace_back(last);
  };
  if (formatted_too ? place.whole : place.whole_unformatted) {
    paths.push_back(path);
    return;
  }
  if (place.shape) {
    add(kShapeStep);
  } else if (place.members.empty() && place.each == nullptr) {
    add(kKindStep);
  }
  const auto descend = [&](absl::string_view step, const InputTree::Place& child) {
    path.emplace_back(step);
    AddPaths(child, formatted_too, path, paths);
    path.pop_back();
  };
  for (const auto& [name, child] : place.members) descend(name, *child);
  if (place.each != nullptr) descend(kEachStep, *place.each);
}

}  // namespace

void InputTree::Mark(bool& mark) {
  if (!std::exchange(mark, true)) ++knowledge_;
}

InputTree::Place& InputTree::Within(const Place& place, std::unique_ptr<Place>& child) {
  if (child == nullptr) {
    child = std::make_unique<Place>();
    child->depth = place.depth + 1;
    ++size_;
    ++knowledge_;
  }
  return *child;
}

bool InputTree::HasPlaces(Place& place) {
  if (!place.made && place.depth < kPlaceDepthMax) return true;
  ReadWhole({&place}, false);
  return false;
}

InputTree::Places InputTree::Member(const Places& places, absl::string_view name) {
  Places found;
  for (Place* place : places) {
    if (IsReservedStep(name)) {
      ReadWhole({place}, false);
    } else if (HasPlaces(*place)) {
      found.insert(&Within(*place, place->members[std::string(name)]));
    }
  }
  return found;
}

InputTree::Places InputTree::Each(const Places& places) {
  Places found;
  for (Place* place : places) {
    if (HasPlaces(*place)) found.insert(&Within(*place, place->each));
  }
  return found;
}

void InputTree::ReadShape(const Places& places) {
  for (Place* place : places) {
    if (!place->made) Mark(place->shape);  // how many were put into it is no matter of the input
  }
}

void InputTree::ReadWhole(const Places& places, bool formatted) {
  for (Place* place : places) {
    const bool known = place->whole && (formatted || place->whole_unformatted);
    Mark(place->whole);
    if (!formatted) Mark(place->whole_unformatted);
    // Later additions are read, too: Append() sees to it.
    if (place->made && !known) ReadWhole(place->content, formatted);
  }
}

InputTree::Place& InputTree::NewArray() {
  arrays_.emplace_back().made = true;
  return arrays_.back();
}

void InputTree::Append(const Places& values, const Places& arrays) {
  // What is appended to something else than an array made here is given away.
  if (arrays.empty()) ReadWhole(values, false);
  for (Place* array : arrays) {
    for (Place* value : values) {
      if (array->content.insert(value).second) ++knowledge_;
    }
    if (array->whole) ReadWhole(values, !array->whole_unformatted);
  }
}

InputReads InputTree::Reads() const {
  InputReads reads;
  std::vector<std::string> path;
  AddPaths(root_, true, path, reads.all);
  AddPaths(root_, false, path, reads.unformatted);
  return reads;
}

}  // namespace nexus::policy
