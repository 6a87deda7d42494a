#pragma once

// How good a trained model is, as text.

#include <string>
#include <utility>
#include <vector>

#include "route/learned/training.h"

namespace nexus::cli {

std::vector<std::pair<std::string, std::string>> TrainingFields(
    const route::learned::Trained& trained);
std::string TrainingJson(const route::learned::Trained& trained);

}  // namespace nexus::cli
