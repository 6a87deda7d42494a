#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tidy/finding.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {

// What one folder may include besides itself, the C++ library and Abseil.
struct Layer {
  std::vector<std::string> folders;  // "*": all
  std::vector<std::string> vendors;  // prefixes of header names
};

using Layers = std::map<std::string, Layer>;  // by folder, without "src/"

// Reads layers.txt: "folder: folder folder | prefix, prefix"; "@name = prefix, prefix" defines a
// group of prefixes that stands for them after '|' (several lines add up); '#' begins a comment.
absl::StatusOr<Layers> ParseLayers(absl::string_view text);

// The folder in the sense of layers.txt that a file of src/ or include/ belongs to.
std::string LayerOf(absl::string_view path);

// Arrows that layers.txt does not have, vendors in the wrong place, folders that it does not know.
Findings CheckIncludes(const SourceFile& file, const Layers& layers);

// Folders that may include each other, directly or through others.
Findings CheckCycles(const Layers& layers);

}  // namespace nexus::tidy
