#include "cli/schema_folder.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/files.h"
#include "cli/json_parse.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

// False if the file is no schema.
bool NameSchema(const std::string& path, SchemaFile& file) {
  const std::string name = fs::path(path).filename().string();
  absl::string_view subject = name;
  if (absl::ConsumeSuffix(&subject, ".schema.json") || absl::ConsumeSuffix(&subject, ".json")) {
    file.format = SchemaFormat::kJsonSchema;
  } else if (absl::ConsumeSuffix(&subject, ".avsc")) {
    file.format = SchemaFormat::kAvro;
  } else if (absl::ConsumeSuffix(&subject, ".proto")) {
    file.format = SchemaFormat::kProtobuf;
  } else {
    return false;
  }
  file.subject = std::string(subject);
  file.path = path;
  return !subject.empty();
}

// By what others refer to a file; empty if nobody can.
std::string NameOf(const SchemaFile& file) {
  if (file.format != SchemaFormat::kAvro) return file.path;
  const std::string name = TextMember(file.text, "name");
  const std::string space = TextMember(file.text, "namespace");
  return space.empty() || absl::StrContains(name, '.') ? name : absl::StrCat(space, ".", name);
}

// The name by which `user` refers to `other`; empty if it does not.
std::string ReferenceIn(const SchemaFile& user, const SchemaFile& other) {
  const std::string name = NameOf(other);
  if (name.empty() || user.format != other.format || &user == &other) return "";
  std::vector<std::string> names = {name};
  if (user.format == SchemaFormat::kJsonSchema) {
    names.push_back(fs::path(name).lexically_relative(fs::path(user.path).parent_path()).string());
  }
  for (const std::string& one : names) {
    // A `$ref` may go on into the other schema.
    if (absl::StrContains(user.text, absl::StrCat("\"", one, "\"")) ||
        (user.format == SchemaFormat::kJsonSchema &&
         absl::StrContains(user.text, absl::StrCat("\"", one, "#")))) {
      return one;
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<SchemaFolder> SchemaFolder::Read(const std::string& folder) {
  SchemaFolder schemas;
  std::error_code error;
  if (!fs::exists(folder, error)) return schemas;
  fs::recursive_directory_iterator at(folder, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    SchemaFile file;
    const std::string path = at->path().lexically_relative(folder).generic_string();
    if (!at->is_regular_file(ignored) || !NameSchema(path, file)) continue;
    NEXUS_ASSIGN_OR_RETURN(file.text, ReadFile(at->path().string()));
    schemas.files_.push_back(std::move(file));
  }
  if (error) {
    return MakeError(ErrorReason::kInternal,
                     absl::StrCat("cannot read ", folder, ": ", error.message()));
  }
  std::sort(schemas.files_.begin(), schemas.files_.end(),
            [](const SchemaFile& a, const SchemaFile& b) { return a.path < b.path; });
  return schemas;
}

const SchemaFile* SchemaFolder::Find(const std::string& subject) const {
  const auto found = std::find_if(files_.begin(), files_.end(),
                                  [&](const SchemaFile& file) { return file.subject == subject; });
  return found == files_.end() ? nullptr : &*found;
}

std::vector<FileReference> SchemaFolder::ReferencesOf(const SchemaFile& file) const {
  std::vector<FileReference> ordered;
  std::set<const SchemaFile*> entered = {&file};
  // Depth first; a circle is left to the compiler, which says what is missing.
  const auto visit = [&](const auto& self, const SchemaFile& user) -> void {
    for (const SchemaFile& other : files_) {
      const std::string name = ReferenceIn(user, other);
      if (name.empty() || !entered.insert(&other).second) continue;
      self(self, other);
      ordered.push_back({name, &other});
    }
  };
  visit(visit, file);
  return ordered;
}

std::vector<SchemaReference> Definitions(const std::vector<FileReference>& references) {
  std::vector<SchemaReference> definitions;
  definitions.reserve(references.size());
  for (const FileReference& reference : references) {
    definitions.push_back({reference.name, reference.file->text});
  }
  return definitions;
}

}  // namespace nexus::cli
