#pragma once

// Completion of command lines. The shell's script asks `nexusctl __complete WORD...`, whose last
// word is the one to complete; the answer is one candidate a line, always with exit code 0.

#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "cli/surroundings.h"

namespace nexus::cli {

// What can stand at a place.
struct Completion {
  std::vector<std::string> words;  // fixed candidates
  std::string dynamic;             // "STREAM", "SUBJECT", "CONTEXT", "REASON", or empty
};

// Pure: reads the tree of commands only.
Completion FindCompletion(CLI::App& app, const std::vector<std::string>& words);

// Prints the candidates; asks the server for names with a timeout of a second, and is silent about
// its errors: there is nobody to read them.
int Complete(CLI::App& app, const std::vector<std::string>& words, Surroundings& surroundings);

// Empty for a shell that has none.
std::string CompletionScript(const std::string& shell);

}  // namespace nexus::cli
