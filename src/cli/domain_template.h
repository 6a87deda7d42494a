#pragma once

// A small domain to start from.

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::cli {

struct TemplateFile {
  std::string path;  // in the folder
  std::string text;
};

// One aggregate that is opened and closed, and what belongs to it. `name`: of a-z, 0-9 and '-'. It
// is in the names of the types, so that two such domains do not claim the same commands.
std::vector<TemplateFile> DomainTemplate(absl::string_view name);

}  // namespace nexus::cli
