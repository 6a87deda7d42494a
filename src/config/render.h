#pragma once

// The options as text for people and programs.

#include <string>

#include "absl/status/status.h"
#include "config/loader.h"

namespace nexus::config {

// docs/reference/configuration.md.
std::string RenderReference();

// config/nexusd.yaml: every option with its default, unit and meaning.
std::string RenderTemplate();

// YAML with the source of each value beside it; secrets are starred.
std::string RenderConfig(const LoadedConfig& loaded);
// {"options": [{"key", "value", "source"}]}
std::string RenderConfigJson(const LoadedConfig& loaded);

// The answer of --check-config: {"valid", "problems": [{"where", "key", "message"}]}.
std::string RenderCheckJson(const absl::Status& status);

}  // namespace nexus::config
