#include "schema/json/evolve/json_schema_evolver.h"

#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "schema/json/compat/place.h"
#include "schema/json/compiled_json_schema.h"
#include "schema/json/evolve/applied_schemas.h"
#include "schema/json/schema_default.h"

namespace nexus::schema {
namespace {

// Both schemas at one value.
struct Here {
  const Place* from;  // whatever the branch
  const Place* to;
  NodeList schemas;  // of `to`, that apply
};

class DocumentEvolution {
 public:
  DocumentEvolution(const SchemaProgram& from, const SchemaProgram& to,
                    const EvaluationLimits& limits)
      : from_(from), to_(to), applied_(to, limits) {}

  std::string Write(JsonElement root) {
    Value({from_places_.Of({from_.root}), to_places_.Of({to_.root}), {to_.root}}, root);
    return std::move(out_);
  }
  bool changed() const { return changed_; }
  bool exhausted() const { return applied_.exhausted(); }

 private:
  void Value(const Here& here, JsonElement value) {
    if (value.is_object()) {
      Object(here, value);
    } else if (value.is_array()) {
      Array(here, value);
    } else {
      absl::StrAppend(&out_, simdjson::minify(value));
    }
  }

  void Array(const Here& here, JsonElement array) {
    const NodeList applied = applied_.Of(here.schemas, array);
    out_ += '[';
    size_t index = 0;
    for (const JsonElement item : ItemsOf(array)) {
      if (index > 0) out_ += ',';
      Value(
          {from_places_.Items(here.from), to_places_.Items(here.to), SchemasOfItem(applied, index)},
          item);
      ++index;
    }
    out_ += ']';
  }

  void Object(const Here& here, JsonElement object) {
    const NodeList applied = applied_.Of(here.schemas, object);
    out_ += '{';
    bool first = true;
    for (const auto member : MembersOf(object)) {
      if (here.from->Declares(member.key) && !here.to->Declares(member.key)) {
        changed_ = true;
        continue;
      }
      Name(member.key, first);
      const std::string name(member.key);
      Value({from_places_.Member(here.from, name), to_places_.Member(here.to, name),
             SchemasOfMember(applied, member.key)},
            member.value);
    }
    Inject(here, applied, object, first);
    out_ += '}';
  }

  // What only the later version declares and the object does not have.
  void Inject(const Here& here, const NodeList& applied, JsonElement object, bool& first) {
    absl::flat_hash_set<std::string_view> given;
    for (const Node* node : applied) {
      if (node->object == nullptr) continue;
      for (const ObjectRules::Slot& slot : node->object->slots) {
        JsonElement present;
        if (slot.property == nullptr || here.from->Declares(slot.name) ||
            !MembersOf(object).at_key(slot.name).get(present)) {
          continue;
        }
        const std::optional<JsonElement> value = DefaultOf(to_, *slot.property);
        if (!value.has_value() || !given.insert(slot.name).second) continue;
        Name(slot.name, first);
        absl::StrAppend(&out_, simdjson::minify(*value));
        changed_ = true;
      }
    }
  }

  void Name(std::string_view name, bool& first) {
    if (!first) out_ += ',';
    first = false;
    AppendJsonString(out_, absl::string_view(name.data(), name.size()));
    out_ += ':';
  }

  const SchemaProgram& from_;
  const SchemaProgram& to_;
  PlaceMap from_places_;
  PlaceMap to_places_;
  AppliedSchemas applied_;
  std::string out_;
  bool changed_ = false;
};

}  // namespace

absl::StatusOr<std::string> JsonSchemaEvolver::Evolve(absl::string_view data,
                                                      const CompiledSchema& from,
                                                      const CompiledSchema& to) {
  const auto* old_schema = dynamic_cast<const CompiledJsonSchema*>(&from);
  const auto* new_schema = dynamic_cast<const CompiledJsonSchema*>(&to);
  if (old_schema == nullptr || new_schema == nullptr) {
    return MakeError(ErrorReason::kInternal, "a schema is not one of JSON Schema");
  }
  NEXUS_ASSIGN_OR_RETURN(const auto document, JsonDocument::Parse(data, json_depth_max_));
  DocumentEvolution evolution(old_schema->program(), new_schema->program(), limits_);
  std::string text = evolution.Write(document->root());
  if (evolution.exhausted()) {
    return MakeError(ErrorReason::kLimitExceeded,
                     "the schemas make more of the document than the limits allow");
  }
  return evolution.changed() ? text : std::string(data);
}

}  // namespace nexus::schema
