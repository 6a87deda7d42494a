#include "file/settled_files.h"

#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"

namespace nexus::file {

std::string TraitsOf(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  const fs::path file = fs::weakly_canonical(path, ignored);
  return absl::StrCat(file.string(), " ", fs::file_size(file, ignored), " ",
                      fs::last_write_time(file, ignored).time_since_epoch().count(), "\n");
}

bool SettledFiles::Changed(std::string traits) {
  if (traits != seen_) {
    seen_ = std::move(traits);
    return false;
  }
  if (traits == read_) return false;
  read_ = std::move(traits);
  return true;
}

}  // namespace nexus::file
