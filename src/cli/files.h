#pragma once

// Small files of the user.

#include <fstream>
#include <istream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace nexus::cli {

// NOT_FOUND, or why it cannot be read.
absl::StatusOr<std::ifstream> OpenFile(const std::string& path);

// As OpenFile(); at most 64 MiB.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// What a command line means by a source: "-" is `in`, anything else a file.
absl::StatusOr<std::string> ReadSource(const std::string& source, std::istream& in);

// Writes a file of mode 0600 beside `path` and renames it: a reader sees the old one or the new
// one. Makes missing folders, with mode 0700.
absl::Status ReplaceFile(const std::string& path, const std::string& content);

// Writes what others may read: `path` anew, with the mode that the umask leaves. May be a pipe.
absl::Status WriteFile(const std::string& path, const std::string& content);

}  // namespace nexus::cli
