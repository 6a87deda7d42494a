#pragma once

#include "absl/strings/string_view.h"
#include "tidy/finding.h"
#include "tidy/source_tree.h"

namespace nexus::tidy {

// Words that would bring in the wall clock, chance, waiting or printing behind the ports' backs.
Findings CheckBannedWords(const SourceFile& file);

// Names that say nothing about what a file or folder is for.
Findings CheckNames(absl::string_view path);

// Blanks at the end of lines, tabs, long lines, a missing end of line.
Findings CheckLayout(const SourceFile& file);

// What a header must have and must not have.
Findings CheckHeader(const SourceFile& file);

// Lines a file; pure virtual methods a class in include/nexus/port.
Findings CheckSizes(const SourceFile& file);

}  // namespace nexus::tidy
