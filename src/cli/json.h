#pragma once

// Writes JSON text.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "nexus/core/json_text.h"

namespace nexus::cli {

std::string JsonArray(const std::vector<std::string>& items);
// Of texts, quoted.
std::string JsonTexts(const std::vector<std::string>& texts);

// Members in the order in which they were added, on one line.
class JsonObject {
 public:
  JsonObject& Text(absl::string_view key, absl::string_view value);
  JsonObject& Number(absl::string_view key, uint64_t value);
  JsonObject& Real(absl::string_view key, double value);
  JsonObject& Bool(absl::string_view key, bool value);
  // `json` is JSON already.
  JsonObject& Raw(absl::string_view key, absl::string_view json);

  std::string Take() { return std::move(text_) + "}"; }

 private:
  void Key(absl::string_view key);

  std::string text_ = "{";
};

}  // namespace nexus::cli
