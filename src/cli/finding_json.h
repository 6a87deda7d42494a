#pragma once

#include <string>

#include "nexus/core/compatibility.h"

namespace nexus::cli {

// One finding of a comparison as a JSON object.
std::string FindingJson(const CompatibilityFinding& finding);

}  // namespace nexus::cli
