#pragma once

#include <vector>

#include "tidy/finding.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {

// Loops over hash tables in the folders that are simulated: their order differs from run to run,
// and a failure could not be replayed by its seed. A table is known by the name of its variable,
// within its folder.
Findings CheckHashOrder(const std::vector<SourceFile>& files);

}  // namespace nexus::tidy
