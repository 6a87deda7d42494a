#include "cli/registered_schema.h"

#include <algorithm>
#include <optional>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/event_text.h"
#include "cli/json.h"
#include "cli/json_parse.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::cli {
namespace {

constexpr size_t kReferencesMax = 200;
constexpr size_t kReferenceDepthMax = 50;

// Gathers references so that one that others refer to comes before them.
class ReferenceWalk {
 public:
  explicit ReferenceWalk(client::Client& client) : client_(client) {}

  absl::Status Follow(const client::Schema& schema, size_t depth) {
    if (depth > kReferenceDepthMax) {
      return MakeError(ErrorReason::kLimitExceeded,
                       absl::StrCat(schema.subject, " refers through more than ",
                                    kReferenceDepthMax, " schemas"));
    }
    for (const client::SchemaReference& reference : schema.references) {
      if (!seen_.insert(reference.name).second) continue;
      if (seen_.size() > kReferencesMax) {
        return MakeError(ErrorReason::kLimitExceeded,
                         absl::StrCat("more than ", kReferencesMax, " schemas are referred to"));
      }
      NEXUS_ASSIGN_OR_RETURN(client::Schema target,
                             client_.GetSchema(reference.subject, reference.version));
      NEXUS_RETURN_IF_ERROR(Follow(target, depth + 1));
      found_.push_back({reference.name, std::move(target.definition)});
    }
    return absl::OkStatus();
  }

  const std::vector<SchemaReference>& found() const { return found_; }

 private:
  client::Client& client_;
  std::set<std::string> seen_;  // names
  std::vector<SchemaReference> found_;
};

}  // namespace

std::string SchemaJson(const client::Schema& schema, bool with_definition) {
  JsonObject json;
  json.Text("subject", schema.subject).Number("version", schema.version);
  json.Number("id", schema.id).Text("guid", schema.guid);
  json.Text("format", std::string(SchemaFormatName(schema.format)));
  if (schema.deleted) json.Bool("deleted", true);
  json.Text("digest", schema.digest).Text("registered_by", schema.registered_by);
  json.Text("register_time", TimeText(schema.registered)).Text("comment", schema.comment);
  if (with_definition) {
    const std::optional<std::string> definition = MinifiedJson(schema.definition);
    std::vector<std::string> fields;
    for (const ClassifiedField& field : schema.classified.fields) {
      JsonObject row;
      row.Text("path", field.path).Text("data_class", field.data_class);
      row.Bool("subject_key", field.subject_key);
      fields.push_back(row.Take());
    }
    json.Raw("classified_fields", JsonArray(fields));
    if (!schema.classified.complete) json.Bool("classified_fields_truncated", true);
    json.Raw("definition", definition.value_or(JsonString(schema.definition)));
  }
  return json.Take();
}

absl::StatusOr<std::vector<client::Schema>> VersionsOf(client::Client& client,
                                                       const std::string& subject) {
  NEXUS_ASSIGN_OR_RETURN(
      std::vector<client::Schema> versions,
      client.ListSchemas({.subject = subject, .latest_only = false, .include_deleted = true}));
  if (versions.empty()) {
    return MakeError(ErrorReason::kNotFound, absl::StrCat("there is no subject ", subject));
  }
  std::sort(versions.begin(), versions.end(),
            [](const auto& a, const auto& b) { return a.version < b.version; });
  return versions;
}

absl::StatusOr<std::shared_ptr<const CompiledSchema>> CompileRegistered(
    client::Client& client, const LocalLanguage& language, const client::Schema& schema) {
  ReferenceWalk walk(client);
  NEXUS_RETURN_IF_ERROR(walk.Follow(schema, 0));
  return CompileNamed(language, absl::StrCat(schema.subject, " version ", schema.version),
                      schema.definition, walk.found());
}

absl::StatusOr<SchemaDiff> DiffRegistered(client::Client& client, const client::Schema& before,
                                          const client::Schema& after,
                                          const CompatibilityRules& rules) {
  if (before.format != after.format) {
    return MakeError(ErrorReason::kMalformedRequest,
                     absl::StrCat("version ", before.version, " of ", before.subject, " is ",
                                  SchemaFormatName(before.format), " and version ", after.version,
                                  " is ", SchemaFormatName(after.format)));
  }
  const LocalLanguage language = LanguageOf(after.format);
  NEXUS_ASSIGN_OR_RETURN(const auto from, CompileRegistered(client, language, before));
  NEXUS_ASSIGN_OR_RETURN(const auto to, CompileRegistered(client, language, after));
  return DiffSchemas(*language.comparer, *from, *to, rules);
}

}  // namespace nexus::cli
