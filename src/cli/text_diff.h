#pragma once

// What changed between two texts, line by line.

#include <string>

namespace nexus::cli {

// As `diff -u` shows it, without the two lines of file names: "@@ -1,4 +1,5 @@" and the lines, each
// behind ' ', '-' or '+', with three that are the same around every change. Empty if nothing
// changed. Of texts that have too much between their first and last change, all of that counts as
// changed.
std::string UnifiedDiff(const std::string& before, const std::string& after);

}  // namespace nexus::cli
