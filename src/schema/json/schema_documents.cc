#include "schema/json/schema_documents.h"

#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/schema_fault.h"
#include "schema/json/uri.h"

namespace nexus::schema {
namespace {

// A metaschema may name another as its own, and that one the next.
constexpr size_t kMetaschemasMax = 4;

absl::StatusOr<std::unique_ptr<const JsonDocument>> ParseOne(absl::string_view name,
                                                             absl::string_view text,
                                                             size_t depth_max) {
  absl::StatusOr<std::unique_ptr<const JsonDocument>> document =
      JsonDocument::ParseToKeep(text, depth_max);
  if (document.ok()) return document;
  ErrorDetails details = DetailsOf(document.status());
  if (details.reason != ErrorReason::kMalformedJson) return document.status();
  details.reason = ErrorReason::kSchemaInvalid;
  return MakeError(absl::StrCat("not a valid schema: ", name, name.empty() ? "" : ": ",
                                document.status().message()),
                   details);
}

std::string_view MemberText(JsonElement object, std::string_view name) {
  std::string_view text;
  if (!object.is_object() || object.at_key(name).get(text)) return {};
  return text;
}

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

absl::StatusOr<Dialect> ReadVocabularies(JsonElement metaschema, Dialect dialect) {
  JsonElement vocabularies;
  if (metaschema.at_key("$vocabulary").get(vocabularies) || !vocabularies.is_object()) {
    return dialect;
  }
  static constexpr absl::string_view kKnown[] = {
      "core",    "applicator",        "unevaluated",      "validation", "meta-data",
      "content", "format-annotation", "format-assertion", "format"};
  const absl::string_view draft = dialect.draft == Draft::k2019_09 ? "2019-09" : "2020-12";
  const std::string prefix = absl::StrCat("https://json-schema.org/draft/", draft, "/vocab/");
  dialect.validates = false;
  for (const auto field : MembersOf(vocabularies)) {
    absl::string_view name = View(field.key);
    const bool demanded = field.value.is_bool() && field.value.get_bool().value_unsafe();
    bool known = false;
    if (absl::ConsumePrefix(&name, prefix)) {
      for (const absl::string_view one : kKnown) known = known || one == name;
    }
    if (demanded && !known) {
      return absl::InvalidArgumentError(absl::StrCat("a metaschema that does not demand ", name));
    }
    if (!known) continue;
    if (name == "validation") dialect.validates = true;
    // 2019-09 has one vocabulary for both, which asserts where it is demanded; 2020-12 has two, and
    // whoever knows the second asserts even where it is optional.
    if (name == "format-assertion" || (name == "format" && demanded)) {
      dialect.asserts_formats = true;
    }
  }
  return dialect;
}

}  // namespace

absl::StatusOr<SchemaDocuments> SchemaDocuments::Parse(const SchemaSource& source, size_t depth_max,
                                                       size_t bytes_max) {
  size_t bytes = source.definition.size();
  for (const SchemaReference& reference : source.references) bytes += reference.definition.size();
  if (bytes > bytes_max) {
    return SchemaInvalid({"", "", absl::StrCat("at most ", bytes_max, " bytes in all documents"),
                          absl::StrCat(bytes, " bytes")});
  }
  SchemaDocuments all;
  NEXUS_ASSIGN_OR_RETURN(auto own, ParseOne("", source.definition, depth_max));
  all.documents_.push_back({"", "", std::move(own), nullptr});
  for (const SchemaReference& reference : source.references) {
    NEXUS_ASSIGN_OR_RETURN(auto json, ParseOne(reference.name, reference.definition, depth_max));
    const size_t index = all.documents_.size();
    all.documents_.push_back(
        {absl::StrCat(reference.name, "#"), reference.name, std::move(json), nullptr});
    all.by_name_.try_emplace(reference.name, index);
  }
  all.Place();
  return all;
}

void SchemaDocuments::Place() {
  const JsonElement own = documents_[0].json->root();
  std::string_view base_id = MemberText(own, "$id");
  if (base_id.empty()) base_id = MemberText(own, "id");
  const absl::StatusOr<UriParts> base_uri = ResolveUri("", View(base_id));
  const std::string base = base_uri.ok() ? base_uri->absolute : "";
  for (size_t i = 1; i < documents_.size(); ++i) {
    const absl::StatusOr<UriParts> uri = ResolveUri(base, documents_[i].uri);
    if (uri.ok()) documents_[i].uri = uri->absolute;
    by_uri_.try_emplace(documents_[i].uri, i);
  }
  // After all names, which go before what documents say of themselves.
  for (size_t i = 1; i < documents_.size(); ++i) {
    const JsonElement root = documents_[i].json->root();
    for (const std::string_view keyword : {"$id", "id"}) {
      const std::string_view id = MemberText(root, keyword);
      if (id.empty() || id[0] == '#') continue;
      const absl::StatusOr<UriParts> uri = ResolveUri(documents_[i].uri, View(id));
      if (uri.ok()) by_uri_.try_emplace(uri->absolute, i);
    }
  }
}

std::optional<size_t> SchemaDocuments::Find(absl::string_view uri,
                                            absl::string_view written) const {
  if (const auto at = by_uri_.find(uri); at != by_uri_.end()) return at->second;
  const auto at = by_name_.find(written.substr(0, written.find('#')));
  if (at != by_name_.end()) return at->second;
  return std::nullopt;
}

absl::StatusOr<Dialect> SchemaDocuments::DialectOf(absl::string_view schema_uri) const {
  return DialectOf(schema_uri, kMetaschemasMax);
}

absl::StatusOr<Dialect> SchemaDocuments::DialectOf(absl::string_view schema_uri,
                                                   size_t levels_left) const {
  if (const std::optional<Draft> draft = DraftOf(schema_uri)) return Dialect{*draft};
  const auto unknown = [] {
    return absl::InvalidArgumentError(
        "the metaschema of draft 4, 6, 7, 2019-09 or 2020-12, or one among the references");
  };
  const absl::string_view uri = absl::StripSuffix(schema_uri, "#");
  const std::optional<size_t> at = Find(uri, uri);
  if (!at || levels_left == 0) return unknown();
  const JsonElement metaschema = documents_[*at].json->root();
  const absl::string_view next = View(MemberText(metaschema, "$schema"));
  if (next.empty() || next == schema_uri) return unknown();
  NEXUS_ASSIGN_OR_RETURN(Dialect dialect, DialectOf(next, levels_left - 1));
  // What its own metaschema leaves out says nothing about what it describes.
  dialect = Dialect{dialect.draft};
  if (!IsSince(dialect.draft, Draft::k2019_09)) return dialect;
  return ReadVocabularies(metaschema, dialect);
}

}  // namespace nexus::schema
