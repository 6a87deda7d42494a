#pragma once

// Values as people read them in an error: short, on one line.

#include <string>
#include <string_view>

#include "schema/json/json_document.h"

namespace nexus::schema {

// At most `bytes_max` bytes and an ellipsis; cut between characters.
std::string Shorten(std::string text, size_t bytes_max);

// "null", "boolean", "integer", "number", "string", "array" or "object".
std::string JsonTypeName(JsonElement element);

// 12, "abc", true, null, "array of 3", "object of 2".
std::string DescribeJson(JsonElement element);
std::string DescribeText(std::string_view text);

}  // namespace nexus::schema
