#include "schema/json/schema_default.h"

#include <string>

namespace nexus::schema {
namespace {

constexpr int kHopsMax = 8;  // from one $ref to the next

std::optional<JsonElement> OwnDefault(const SchemaProgram& program, const Node& node) {
  const size_t document = node.resource == nullptr ? 0 : node.resource->document;
  const JsonElement root =
      document == 0 ? program.document->root() : program.references[document - 1]->root();
  // After the name of the document, if it has one, comes the pointer.
  std::string pointer = node.location;
  if (document != 0) pointer.erase(0, pointer.rfind('#') + 1);
  JsonElement value;
  if (!root.is_object() || root.at_pointer(pointer + "/default").get(value)) return std::nullopt;
  return value;
}

}  // namespace

std::optional<JsonElement> DefaultOf(const SchemaProgram& program, const Node& property) {
  const Node* node = &property;
  for (int hops = 0; node != nullptr && hops < kHopsMax; ++hops) {
    if (const auto found = OwnDefault(program, *node); found.has_value()) return found;
    node = node->in_place == nullptr ? nullptr : node->in_place->ref;
  }
  return std::nullopt;
}

}  // namespace nexus::schema
