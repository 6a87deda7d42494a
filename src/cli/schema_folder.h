#pragma once

// The schemas of a folder: a file a subject, which its name says, and which other files it uses.

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nexus/core/schema_format.h"
#include "nexus/port/schema_source.h"

namespace nexus::cli {

struct SchemaFile {
  std::string subject;  // the file's name up to .schema.json, .json, .avsc or .proto
  SchemaFormat format = SchemaFormat::kJsonSchema;
  std::string path;  // below the folder: "order/placed.schema.json"
  std::string text;
};

// What another file is referred to by, and which it is.
struct FileReference {
  std::string name;
  const SchemaFile* file = nullptr;
};

class SchemaFolder {
 public:
  // Every such file of the folder and those in it, by path; other files are passed over. A folder
  // that is not there holds none. What ReadFile() says.
  static absl::StatusOr<SchemaFolder> Read(const std::string& folder);

  const std::vector<SchemaFile>& files() const { return files_; }
  // The first of its subject; nullptr: there is none.
  const SchemaFile* Find(const std::string& subject) const;

  // The files that `file` uses, directly or through others, each before those that use it. A file
  // is used if its name stands where the format has one: in a `$ref` (relative to schemas/ or to
  // the file that refers), in an import, or as the full name of an Avro type.
  std::vector<FileReference> ReferencesOf(const SchemaFile& file) const;

 private:
  std::vector<SchemaFile> files_;
};

// As compilers want them.
std::vector<SchemaReference> Definitions(const std::vector<FileReference>& references);

}  // namespace nexus::cli
