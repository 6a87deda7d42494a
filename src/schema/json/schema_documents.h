#pragma once

// The texts that a schema is compiled from: its own, and those of the schemas that it refers to.

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "nexus/port/schema_source.h"
#include "schema/json/draft.h"
#include "schema/json/json_document.h"

namespace nexus::schema {

struct Resource;

struct SchemaDocument {
  std::string prefix;  // of locations in it: empty, or "NAME#"
  std::string uri;     // where it would be retrieved from
  std::unique_ptr<const JsonDocument> json;
  Resource* opened = nullptr;  // once it takes part: a document that nothing leads to never does
};

// Document 0 is the schema itself.
class SchemaDocuments {
 public:
  // SCHEMA_INVALID if one is no JSON within `depth_max`, or all are more than `bytes_max`.
  static absl::StatusOr<SchemaDocuments> Parse(const SchemaSource& source, size_t depth_max,
                                               size_t bytes_max);

  SchemaDocument& at(size_t index) { return documents_[index]; }
  size_t size() const { return documents_.size(); }

  // The document that `uri` (without fragment) names: where it would be retrieved from, or what its
  // own identifier says. `written` is the reference as it stands in the schema; a document of just
  // that name is as good. Nothing if there is none.
  std::optional<size_t> Find(absl::string_view uri, absl::string_view written) const;

  // What a `$schema` asks for: a supported draft, or a metaschema among the documents, reduced to
  // its draft and `$vocabulary`. kInvalidArgument with what was expected.
  absl::StatusOr<Dialect> DialectOf(absl::string_view schema_uri) const;

 private:
  // Gives each reference its URI: its name, seen from the schema's own identifier.
  void Place();
  absl::StatusOr<Dialect> DialectOf(absl::string_view schema_uri, size_t levels_left) const;

  std::vector<SchemaDocument> documents_;
  absl::flat_hash_map<std::string, size_t> by_uri_;
  absl::flat_hash_map<std::string, size_t> by_name_;
};

}  // namespace nexus::schema
