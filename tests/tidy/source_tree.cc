#include "tidy/source_tree.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace nexus::tidy {
namespace {

namespace fs = std::filesystem;

// A text file has no NUL in its beginning; images and the like do.
bool IsText(const std::string& bytes) {
  return bytes.find('\0', 0) == std::string::npos || bytes.find('\0') > 8000;
}

bool IsLeftOut(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return name == ".git" || name == "node_modules" || name == "data" ||
         absl::StartsWith(name, "build");
}

std::string ReadAll(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

std::string SourceFile::Extension() const {
  const size_t dot = path.rfind('.');
  const size_t slash = path.rfind('/');
  if (dot == std::string::npos || (slash != std::string::npos && dot < slash)) return "";
  return path.substr(dot + 1);
}

bool SourceFile::IsUnder(absl::string_view folder) const {
  return absl::StartsWith(path, absl::StrCat(folder, "/"));
}

std::string SourceRoot() {
  const char* root = getenv("NEXUS_SOURCE_DIR");
  return root == nullptr ? "." : root;
}

std::vector<SourceFile> ReadSourceTree(const std::string& root) {
  std::vector<SourceFile> files;
  for (auto it = fs::recursive_directory_iterator(root); it != fs::end(it); ++it) {
    if (it->is_directory() && IsLeftOut(it->path())) {
      it.disable_recursion_pending();
      continue;
    }
    if (!it->is_regular_file() || it->is_symlink()) continue;
    SourceFile file{it->path().lexically_relative(root).generic_string(), ReadAll(it->path())};
    if (IsText(file.text)) files.push_back(std::move(file));
  }
  std::sort(files.begin(), files.end(),
            [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
  return files;
}

}  // namespace nexus::tidy
