#pragma once

#include <functional>
#include <string>

#include "tidy/finding.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {

// Links of a Markdown page into the repository whose target is not there. Code blocks and addresses
// with a scheme are left alone. `exists` is asked for paths from the root of the repository.
Findings CheckLinks(const SourceFile& page, const std::function<bool(const std::string&)>& exists);

}  // namespace nexus::tidy
