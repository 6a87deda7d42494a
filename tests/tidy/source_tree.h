#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::tidy {

struct SourceFile {
  std::string path;  // from the root of the repository, with '/'
  std::string text;

  // "h", "cc", "md"; empty if the name has no dot.
  std::string Extension() const;
  bool IsUnder(absl::string_view folder) const;
  bool IsCpp() const { return Extension() == "h" || Extension() == "cc"; }
};

// $NEXUS_SOURCE_DIR.
std::string SourceRoot();

// Every text file of the repository in order of path; not what is built, downloaded or stored.
std::vector<SourceFile> ReadSourceTree(const std::string& root);

}  // namespace nexus::tidy
