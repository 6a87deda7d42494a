#pragma once

#include <set>
#include <string>
#include <vector>

#include "tidy/finding.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {

// What the example domains call their commands, events and ids: the files of examples/*/schemas
// beside a domain.yaml, and the members of them that end in "Id".
std::set<std::string> DomainWords(const std::vector<SourceFile>& tree);

// The product knows no domain: none of `words` may be in its code or its texts. Comments may give
// them as examples. Files other than src/, include/ and proto/ are left alone.
Findings CheckDomainWords(const SourceFile& file, const std::set<std::string>& words);

}  // namespace nexus::tidy
