#include "schema/json/schema_compiler.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"
#include "schema/json/node_builder.h"
#include "schema/json/reference_loops.h"
#include "schema/json/schema_fault.h"
#include "schema/json/uri.h"

namespace nexus::schema {
namespace {

std::optional<std::string> TextOf(JsonElement schema, std::string_view keyword) {
  std::string_view text;
  if (!schema.is_object() || schema.at_key(keyword).get(text)) return std::nullopt;
  return std::string(text);
}

// Compiles the document's schemas top-down, then joins the references, which may lead anywhere.
class Compiler {
 public:
  Compiler(Draft default_draft, const CompileLimits& limits)
      : default_draft_(default_draft),
        limits_(limits),
        patterns_(limits.patterns_max),
        program_(std::make_unique<SchemaProgram>()) {}

  absl::StatusOr<std::unique_ptr<const SchemaProgram>> Run(
      std::unique_ptr<const JsonDocument> document) {
    program_->document = std::move(document);
    const JsonElement root = program_->document->root();
    NEXUS_RETURN_IF_ERROR(OpenResource(root, "", nullptr).status());
    NEXUS_ASSIGN_OR_RETURN(program_->root, Compile(root, "", "", &program_->resources.front()));
    while (!pending_.empty()) {
      const Reference reference = std::move(pending_.back());
      pending_.pop_back();
      NEXUS_RETURN_IF_ERROR(Join(reference));
    }
    if (const Node* loop = FindReferenceLoop(*program_)) {
      return SchemaInvalid({loop->location, "$ref", "references that end",
                            "a schema that leads back to itself with the same value"});
    }
    return std::move(program_);
  }

 private:
  struct Reference {
    Node* node;
    std::string text;
    bool dynamic;
  };

  absl::Status Invalid(const std::string& location, absl::string_view keyword,
                       absl::string_view expected, const std::string& actual) const {
    return SchemaInvalid({absl::StrCat(location, "/", keyword), std::string(keyword),
                          std::string(expected), DescribeText(actual)});
  }

  absl::StatusOr<Draft> DraftFor(JsonElement schema, const std::string& location,
                                 Draft inherited) const {
    const std::optional<std::string> uri = TextOf(schema, "$schema");
    if (!uri) return inherited;
    const std::optional<Draft> draft = DraftOf(*uri);
    if (draft) return *draft;
    return Invalid(location, "$schema", "the metaschema of draft 7 or 2020-12", *uri);
  }

  // The resource that `schema` begins, or `parent` if it begins none.
  absl::StatusOr<Resource*> OpenResource(JsonElement schema, const std::string& location,
                                         Resource* parent) {
    const bool is_root = parent == nullptr;
    const Draft inherited = is_root ? default_draft_ : parent->draft;
    std::optional<std::string> id = TextOf(schema, "$id");
    // In draft 7 a name for a place is written as "$id": "#name".
    if (id && absl::StartsWith(*id, "#")) id.reset();
    if (!is_root && !id) return parent;
    NEXUS_ASSIGN_OR_RETURN(const Draft draft, DraftFor(schema, location, inherited));
    // In draft 7 a $ref hides everything beside it.
    if (draft == Draft::k7 && TextOf(schema, "$ref")) id.reset();
    if (!is_root && !id) return parent;
    const absl::StatusOr<UriParts> uri = ResolveUri(is_root ? "" : parent->uri, id.value_or(""));
    if (!uri.ok()) return Invalid(location, "$id", "a URI", *id);
    program_->resources.push_back({});
    Resource* resource = &program_->resources.back();
    resource->uri = uri->absolute;
    resource->root_location = location;
    resource->draft = draft;
    if (!by_uri_.emplace(resource->uri, resource).second) {
      return Invalid(location, "$id", "an identifier that no other schema here has", *id);
    }
    return resource;
  }

  absl::StatusOr<const Node*> Compile(JsonElement schema, const std::string& location,
                                      absl::string_view keyword, Resource* resource) {
    if (const auto known = node_at_.find(location); known != node_at_.end()) return known->second;
    if (program_->nodes.size() >= limits_.nodes_max) {
      return SchemaInvalid({location, std::string(keyword),
                            absl::StrCat("at most ", limits_.nodes_max, " subschemas"), "more"});
    }
    if (auto fault = FindFormFault(schema, resource->draft)) {
      fault->pointer.insert(0, location);
      return SchemaInvalid(*fault);
    }
    program_->nodes.emplace_back();
    Node* node = &program_->nodes.back();
    node_at_.emplace(location, node);
    resource_at_.emplace(location, resource);
    node->location = location;
    node->keyword = keyword;
    node->resource = resource;
    if (schema.is_bool()) {
      node->kind = schema.get_bool().value_unsafe() ? Node::Kind::kAlways : Node::Kind::kNever;
      return node;
    }
    NEXUS_RETURN_IF_ERROR(CompileObject(schema, *resource, node));
    return node;
  }

  absl::Status CompileObject(JsonElement schema, Resource& resource, Node* node) {
    NEXUS_RETURN_IF_ERROR(NoteAnchors(schema, resource, node));
    NEXUS_RETURN_IF_ERROR(CompileChildren(schema, resource, node->location));
    const auto child = [&](const std::string& pointer) -> const Node* {
      const auto at = node_at_.find(absl::StrCat(node->location, pointer));
      return at == node_at_.end() ? nullptr : at->second;
    };
    NEXUS_RETURN_IF_ERROR(BuildNode(schema, resource.draft, child, patterns_, *node));
    if (auto ref = TextOf(schema, "$ref")) pending_.push_back({node, *std::move(ref), false});
    if (resource.draft == Draft::k7) return absl::OkStatus();
    if (auto ref = TextOf(schema, "$dynamicRef")) {
      pending_.push_back({node, *std::move(ref), true});
      program_->has_dynamic_refs = true;
    }
    if (TextOf(schema, "$recursiveRef")) {
      return Invalid(node->location, "$recursiveRef", "a keyword of draft 7 or 2020-12",
                     "$recursiveRef");
    }
    return absl::OkStatus();
  }

  absl::Status CompileChildren(JsonElement schema, Resource& resource,
                               const std::string& location) {
    absl::Status status;
    ForEachSubschema(
        schema, resource.draft,
        [&](absl::string_view keyword, const std::string& pointer, JsonElement value) {
          const std::string child = absl::StrCat(location, pointer);
          if (node_at_.contains(child)) return true;
          const absl::StatusOr<Resource*> inner = OpenResource(value, child, &resource);
          status = inner.ok() ? Compile(value, child, keyword, *inner).status() : inner.status();
          return status.ok();
        });
    return status;
  }

  absl::Status NoteAnchors(JsonElement schema, Resource& resource, Node* node) {
    if (resource.draft == Draft::k7) {
      const std::optional<std::string> id = TextOf(schema, "$id");
      if (!id || TextOf(schema, "$ref")) return absl::OkStatus();
      const size_t hash = id->find('#');
      if (hash == std::string::npos || hash + 1 == id->size()) return absl::OkStatus();
      return NoteAnchor(resource, "$id", id->substr(hash + 1), node);
    }
    if (const auto name = TextOf(schema, "$anchor")) {
      NEXUS_RETURN_IF_ERROR(NoteAnchor(resource, "$anchor", *name, node));
    }
    if (const auto name = TextOf(schema, "$dynamicAnchor")) {
      NEXUS_RETURN_IF_ERROR(NoteAnchor(resource, "$dynamicAnchor", *name, node));
      resource.dynamic_anchors.emplace(*name, node);
    }
    return absl::OkStatus();
  }

  absl::Status NoteAnchor(Resource& resource, absl::string_view keyword, const std::string& name,
                          Node* node) {
    const auto [at, is_new] = resource.anchors.emplace(name, node);
    if (is_new || at->second == node) return absl::OkStatus();
    return Invalid(node->location, keyword, "a name that no other place here has", name);
  }

  absl::Status Join(const Reference& reference) {
    const absl::string_view keyword = reference.dynamic ? "$dynamicRef" : "$ref";
    const std::string& from = reference.node->location;
    InPlaceRules& rules = *reference.node->in_place;
    const absl::StatusOr<UriParts> uri = ResolveUri(reference.node->resource->uri, reference.text);
    if (!uri.ok()) return Invalid(from, keyword, "a URI reference", reference.text);
    const auto resource = by_uri_.find(uri->absolute);
    if (resource == by_uri_.end()) {
      rules.metaschema = uri->fragment.empty() ? MetaschemaOf(uri->absolute) : std::nullopt;
      if (rules.metaschema) return absl::OkStatus();
      return Invalid(from, keyword, "a reference that stays inside this schema", reference.text);
    }
    NEXUS_ASSIGN_OR_RETURN(const Node* target, Target(*resource->second, uri->fragment));
    if (target == nullptr) {
      return Invalid(from, keyword, "a reference to a place that exists", reference.text);
    }
    if (!reference.dynamic) {
      rules.ref = target;
      return absl::OkStatus();
    }
    rules.dynamic_ref = target;
    const auto anchor = resource->second->dynamic_anchors.find(uri->fragment);
    if (anchor != resource->second->dynamic_anchors.end()) rules.dynamic_anchor = uri->fragment;
    return absl::OkStatus();
  }

  // Null if there is nothing there.
  absl::StatusOr<const Node*> Target(Resource& resource, const std::string& fragment) {
    if (!fragment.empty() && fragment[0] != '/') {
      const auto anchor = resource.anchors.find(fragment);
      return anchor == resource.anchors.end() ? nullptr : anchor->second;
    }
    if (!IsJsonPointer(fragment)) return nullptr;
    const std::string location = resource.root_location + fragment;
    const auto known = node_at_.find(location);
    if (known != node_at_.end()) return known->second;
    // A schema below a keyword that no draft knows: compiled because it is referred to.
    JsonElement element;
    const JsonElement root = program_->document->root();
    if (!root.is_object() || root.at_pointer(location).get(element)) return nullptr;
    Resource* enclosing = EnclosingResource(location);
    NEXUS_ASSIGN_OR_RETURN(Resource * inner, OpenResource(element, location, enclosing));
    return Compile(element, location, "$ref", inner);
  }

  Resource* EnclosingResource(const std::string& location) {
    for (size_t end = location.rfind('/'); end != std::string::npos && end > 0;
         end = location.rfind('/', end - 1)) {
      const auto at = resource_at_.find(location.substr(0, end));
      if (at != resource_at_.end()) return at->second;
    }
    return &program_->resources.front();
  }

  const Draft default_draft_;
  const CompileLimits limits_;
  PatternCache patterns_;
  std::unique_ptr<SchemaProgram> program_;
  absl::flat_hash_map<std::string, Node*> node_at_;
  absl::flat_hash_map<std::string, Resource*> resource_at_;
  absl::flat_hash_map<std::string, Resource*> by_uri_;
  std::vector<Reference> pending_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const SchemaProgram>> CompileSchema(absl::string_view text,
                                                                   Draft default_draft,
                                                                   const CompileLimits& limits) {
  absl::StatusOr<std::unique_ptr<const JsonDocument>> document =
      JsonDocument::Parse(text, limits.schema_depth_max);
  if (!document.ok()) {
    ErrorDetails details = DetailsOf(document.status());
    if (details.reason != ErrorReason::kMalformedJson) return document.status();
    details.reason = ErrorReason::kSchemaInvalid;
    return MakeError(absl::StrCat("not a valid schema: ", document.status().message()), details);
  }
  return Compiler(default_draft, limits).Run(*std::move(document));
}

}  // namespace nexus::schema
