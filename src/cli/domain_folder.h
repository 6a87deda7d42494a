#pragma once

// The folder that a domain is written in. docs/reference/domains.md has its layout.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/yaml_json.h"

namespace nexus::cli {

struct DomainDeclaration {
  std::string path;  // what the server knows it by: "schemas.yaml"; its second document ends in .2
  std::string file;  // where it stands, in the folder
  std::string kind;
  std::string name;
  YamlDocument document;
};

struct DomainText {
  std::string path;  // in the folder, with '/' between its parts
  std::string text;
};

struct DomainFolder {
  std::string name;
  std::vector<DomainDeclaration> declarations;  // by path
  std::vector<DomainText> files;                // what they refer to, by path
};

// MALFORMED_REQUEST with a violation for every fault (field: "FILE:LINE"), NOT_FOUND without a
// folder or its domain.yaml, or why something cannot be read. Policies are not in `files`:
// CompilePolicies() puts them there.
absl::StatusOr<DomainFolder> ReadDomainFolder(const std::string& folder);

// What the server said of the folder, with the files and lines that it cannot know: a violation of
// "schemas.yaml.2" at "/spec/format" becomes one of "schemas.yaml:17".
absl::Status WithLines(const absl::Status& status, const DomainFolder& folder);

}  // namespace nexus::cli
