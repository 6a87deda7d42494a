#pragma once

// Errors for people: what went wrong, every detail of it, and what to do next.

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "cli/output.h"

namespace nexus::cli {

// First line `error: REASON: message`; with a JSON format one JSON object.
void PrintError(std::ostream& err, OutputStyle style, const absl::Status& status);

// The details as a JSON object: reason, message, violations and so on.
std::string ErrorJson(const absl::Status& status);

// The name of its reason; "USAGE" for a mistake on the command line.
std::string ReasonText(const absl::Status& status);

// What a user can do about it, a sentence.
std::string NextStep(const absl::Status& status);

}  // namespace nexus::cli
