#pragma once

// A diff of schemas for people and for programs.

#include <ostream>
#include <string>

#include "cli/json.h"
#include "cli/schema_diff.h"

namespace nexus::cli {

// Each change: what, where, old and new, whom it breaks and why.
void PrintChanges(std::ostream& out, const SchemaDiff& diff);

// [{"change","path","old","new","backward","forward","strict_backward","strict_forward",
// "findings"}], where a direction is "compatible" or "breaking".
std::string ChangesJson(const SchemaDiff& diff);

// "compatible" or "breaking".
std::string DirectionText(bool breaks);

}  // namespace nexus::cli
