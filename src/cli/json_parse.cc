#include "cli/json_parse.h"

#include <string>

#include "simdjson.h"

namespace nexus::cli {

std::optional<std::string> MinifiedJson(absl::string_view text) {
  simdjson::dom::parser parser;
  simdjson::dom::element document;
  const simdjson::padded_string padded(text.data(), text.size());
  if (parser.parse(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  // Not the parsed document: numbers keep the digits that their writer gave them.
  std::string out(text.size(), '\0');
  size_t size = 0;
  if (simdjson::minify(text.data(), text.size(), out.data(), size) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  out.resize(size);
  return out;
}

std::string TextMember(absl::string_view json, const std::string& name) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json.data(), json.size());
  std::string_view text;
  if (parser.parse(padded)[name].get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

std::string TextAt(absl::string_view json, const std::string& pointer) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json.data(), json.size());
  std::string_view text;
  if (parser.parse(padded).at_pointer(pointer).get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

std::vector<std::string> TextListMember(absl::string_view json, const std::string& name) {
  simdjson::dom::parser parser;
  const simdjson::padded_string padded(json.data(), json.size());
  simdjson::dom::array items;
  std::vector<std::string> texts;
  if (parser.parse(padded)[name].get(items) != simdjson::SUCCESS) return texts;
  for (const simdjson::dom::element item : items) {
    std::string_view text;
    if (item.get(text) == simdjson::SUCCESS) texts.emplace_back(text);
  }
  return texts;
}

}  // namespace nexus::cli
