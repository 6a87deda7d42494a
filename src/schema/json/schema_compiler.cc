#include "schema/json/schema_compiler.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "schema/json/json_describe.h"
#include "schema/json/json_pointer.h"
#include "schema/json/node_builder.h"
#include "schema/json/reference_loops.h"
#include "schema/json/schema_documents.h"
#include "schema/json/schema_fault.h"
#include "schema/json/schema_keywords.h"
#include "schema/json/uri.h"

namespace nexus::schema {
namespace {

std::optional<std::string> TextOf(JsonElement schema, std::string_view keyword) {
  std::string_view text;
  if (!schema.is_object() || schema.at_key(keyword).get(text)) return std::nullopt;
  return std::string(text);
}

// How a reference is written.
enum class RefKind : uint8_t { kStatic, kDynamic, kRecursive };

absl::string_view KeywordOf(RefKind kind) {
  if (kind == RefKind::kStatic) return "$ref";
  return kind == RefKind::kDynamic ? "$dynamicRef" : "$recursiveRef";
}

// Compiles the schemas of a document top-down, then joins the references, which may lead anywhere
// and open further documents.
class Compiler {
 public:
  Compiler(SchemaDocuments documents, const CompileDefaults& defaults, const CompileLimits& limits)
      : documents_(std::move(documents)),
        defaults_(defaults),
        limits_(limits),
        patterns_(limits.patterns_max),
        program_(std::make_unique<SchemaProgram>()) {}

  absl::StatusOr<std::unique_ptr<const SchemaProgram>> Run() {
    NEXUS_ASSIGN_OR_RETURN(program_->root, OpenDocument(0));
    while (!pending_.empty()) {
      const Reference reference = std::move(pending_.back());
      pending_.pop_back();
      NEXUS_RETURN_IF_ERROR(Join(reference));
    }
    if (const Node* loop = FindReferenceLoop(*program_)) {
      return SchemaInvalid({loop->location, "$ref", "references that end",
                            "a schema that leads back to itself with the same value"});
    }
    program_->document = std::move(documents_.at(0).json);
    for (size_t i = 1; i < documents_.size(); ++i) {
      program_->references.push_back(std::move(documents_.at(i).json));
    }
    return std::move(program_);
  }

 private:
  struct Reference {
    Node* node;
    std::string text;
    RefKind kind;
  };

  absl::Status Invalid(const std::string& location, absl::string_view keyword,
                       absl::string_view expected, const std::string& actual) const {
    return SchemaInvalid({absl::StrCat(location, "/", keyword), std::string(keyword),
                          std::string(expected), DescribeText(actual)});
  }

  absl::StatusOr<const Node*> OpenDocument(size_t index) {
    SchemaDocument& document = documents_.at(index);
    const JsonElement root = document.json->root();
    NEXUS_ASSIGN_OR_RETURN(const Dialect dialect,
                           DialectFor(root, document.prefix, Dialect{defaults_.draft}));
    NEXUS_ASSIGN_OR_RETURN(document.opened, AddResource(document.prefix, document.uri,
                                                        IdOf(root, dialect.draft), dialect));
    document.opened->document = index;
    by_uri_.try_emplace(document.uri, document.opened);
    return Compile(root, document.prefix, "", document.opened);
  }

  absl::StatusOr<Dialect> DialectFor(JsonElement schema, const std::string& location,
                                     const Dialect& inherited) const {
    const std::optional<std::string> uri = TextOf(schema, "$schema");
    if (!uri) return inherited;
    absl::StatusOr<Dialect> dialect = documents_.DialectOf(*uri);
    if (dialect.ok()) return dialect;
    return Invalid(location, "$schema", dialect.status().message(), *uri);
  }

  // The identifier, or nothing where it is none or only names a place.
  static std::optional<std::string> IdOf(JsonElement schema, Draft draft) {
    if (RefHidesSiblings(draft) && TextOf(schema, "$ref")) return std::nullopt;
    const absl::string_view keyword = IdKeyword(draft);
    std::optional<std::string> id = TextOf(schema, {keyword.data(), keyword.size()});
    if (!id || (absl::StartsWith(*id, "#") && IdNamesPlaces(draft))) return std::nullopt;
    return id;
  }

  // The resource that `schema` begins, or `parent` if it begins none.
  absl::StatusOr<Resource*> OpenResource(JsonElement schema, const std::string& location,
                                         Resource* parent) {
    Draft draft = parent->dialect.draft;
    // What counts as an identifier depends on the draft that only a schema with one may choose.
    if (const auto uri = TextOf(schema, "$schema")) draft = DraftOf(*uri).value_or(draft);
    const std::optional<std::string> id = IdOf(schema, draft);
    if (!id) return parent;
    NEXUS_ASSIGN_OR_RETURN(const Dialect dialect, DialectFor(schema, location, parent->dialect));
    NEXUS_ASSIGN_OR_RETURN(Resource * inner, AddResource(location, parent->uri, id, dialect));
    inner->document = parent->document;
    return inner;
  }

  absl::StatusOr<Resource*> AddResource(const std::string& location, const std::string& base,
                                        const std::optional<std::string>& id,
                                        const Dialect& dialect) {
    const std::string keyword(IdKeyword(dialect.draft));
    const absl::StatusOr<UriParts> uri = ResolveUri(base, id.value_or(""));
    if (!uri.ok()) return Invalid(location, keyword, "a URI", id.value_or(base));
    program_->resources.push_back({});
    Resource* resource = &program_->resources.back();
    resource->uri = uri->absolute;
    resource->root_location = location;
    resource->dialect = dialect;
    resource->dialect.asserts_formats |= defaults_.assert_formats;
    if (!by_uri_.emplace(resource->uri, resource).second) {
      return Invalid(location, keyword, "an identifier that no other schema here has",
                     id.value_or(base));
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
    // The only places where draft 4 has booleans.
    const bool switches = schema.is_bool() && absl::StartsWith(keyword, "additional");
    auto fault = FindFormFault(schema, resource->dialect.draft);
    if (fault && !switches) {
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
    NEXUS_RETURN_IF_ERROR(BuildNode(schema, resource.dialect, child, patterns_, *node));
    NoteReference(schema, RefKind::kStatic, node);
    const Draft draft = resource.dialect.draft;
    if (IsSince(draft, Draft::k2020_12)) NoteReference(schema, RefKind::kDynamic, node);
    if (draft == Draft::k2019_09) NoteReference(schema, RefKind::kRecursive, node);
    return absl::OkStatus();
  }

  void NoteReference(JsonElement schema, RefKind kind, Node* node) {
    const absl::string_view keyword = KeywordOf(kind);
    std::optional<std::string> text = TextOf(schema, {keyword.data(), keyword.size()});
    if (!text) return;
    pending_.push_back({node, *std::move(text), kind});
    if (kind != RefKind::kStatic) program_->has_dynamic_refs = true;
  }

  absl::Status CompileChildren(JsonElement schema, Resource& resource,
                               const std::string& location) {
    absl::Status status;
    ForEachSubschema(
        schema, resource.dialect.draft,
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
    const Draft draft = resource.dialect.draft;
    if (IdNamesPlaces(draft)) {
      const absl::string_view keyword = IdKeyword(draft);
      const std::optional<std::string> id = TextOf(schema, {keyword.data(), keyword.size()});
      if (!id || TextOf(schema, "$ref")) return absl::OkStatus();
      const size_t hash = id->find('#');
      if (hash == std::string::npos || hash + 1 == id->size()) return absl::OkStatus();
      return NoteAnchor(resource, keyword, id->substr(hash + 1), node);
    }
    if (const auto name = TextOf(schema, "$anchor")) {
      NEXUS_RETURN_IF_ERROR(NoteAnchor(resource, "$anchor", *name, node));
    }
    bool recursive = false;
    if (draft == Draft::k2019_09 && node->location == resource.root_location &&
        !schema.at_key("$recursiveAnchor").get(recursive) && recursive) {
      resource.dynamic_anchors.emplace(kRecursiveAnchor, node);
    }
    if (!IsSince(draft, Draft::k2020_12)) return absl::OkStatus();
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
    const absl::string_view keyword = KeywordOf(reference.kind);
    const std::string& from = reference.node->location;
    InPlaceRules& rules = *reference.node->in_place;
    const absl::StatusOr<UriParts> uri = ResolveUri(reference.node->resource->uri, reference.text);
    if (!uri.ok()) return Invalid(from, keyword, "a URI reference", reference.text);
    if (reference.kind == RefKind::kRecursive && reference.text != "#") {
      return Invalid(from, keyword, "\"#\", which is all that it may say", reference.text);
    }
    NEXUS_ASSIGN_OR_RETURN(Resource * resource, FindResource(uri->absolute, reference.text));
    if (resource == nullptr) {
      rules.metaschema = uri->fragment.empty() ? MetaschemaOf(uri->absolute) : std::nullopt;
      if (rules.metaschema) return absl::OkStatus();
      return Invalid(from, keyword, "a reference to this schema or to one given with it",
                     reference.text);
    }
    NEXUS_ASSIGN_OR_RETURN(const Node* target, Target(*resource, uri->fragment));
    if (target == nullptr) {
      return Invalid(from, keyword, "a reference to a place that exists", reference.text);
    }
    if (reference.kind == RefKind::kStatic) {
      rules.ref = target;
      return absl::OkStatus();
    }
    rules.dynamic_ref = target;
    const std::string name =
        reference.kind == RefKind::kRecursive ? std::string(kRecursiveAnchor) : uri->fragment;
    if (resource->dynamic_anchors.contains(name)) rules.dynamic_anchor = name;
    return absl::OkStatus();
  }

  // Null if there is none of that name. Compiles a document that was not needed so far.
  absl::StatusOr<Resource*> FindResource(const std::string& uri, const std::string& written) {
    if (const auto known = by_uri_.find(uri); known != by_uri_.end()) return known->second;
    const std::optional<size_t> index = documents_.Find(uri, written);
    if (!index) return nullptr;
    if (documents_.at(*index).opened == nullptr) {
      NEXUS_RETURN_IF_ERROR(OpenDocument(*index).status());
    }
    return documents_.at(*index).opened;
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
    const SchemaDocument& document = documents_.at(resource.document);
    const std::string pointer = location.substr(document.prefix.size());
    JsonElement element;
    const JsonElement root = document.json->root();
    if (!root.is_object() || root.at_pointer(pointer).get(element)) return nullptr;
    Resource* enclosing = EnclosingResource(location, document);
    NEXUS_ASSIGN_OR_RETURN(Resource * inner, OpenResource(element, location, enclosing));
    return Compile(element, location, "$ref", inner);
  }

  Resource* EnclosingResource(const std::string& location, const SchemaDocument& document) const {
    for (size_t end = location.rfind('/'); end != std::string::npos && end > document.prefix.size();
         end = location.rfind('/', end - 1)) {
      const auto at = resource_at_.find(location.substr(0, end));
      if (at != resource_at_.end()) return at->second;
    }
    return document.opened;
  }

  SchemaDocuments documents_;
  const CompileDefaults defaults_;
  const CompileLimits limits_;
  PatternCache patterns_;
  std::unique_ptr<SchemaProgram> program_;
  absl::flat_hash_map<std::string, Node*> node_at_;
  absl::flat_hash_map<std::string, Resource*> resource_at_;
  absl::flat_hash_map<std::string, Resource*> by_uri_;
  std::vector<Reference> pending_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<const SchemaProgram>> CompileSchema(const SchemaSource& source,
                                                                   const CompileDefaults& defaults,
                                                                   const CompileLimits& limits) {
  NEXUS_ASSIGN_OR_RETURN(SchemaDocuments documents,
                         SchemaDocuments::Parse(source, limits.schema_depth_max, limits.bytes_max));
  return Compiler(std::move(documents), defaults, limits).Run();
}

}  // namespace nexus::schema
