#include "identity/tokens/token_file.h"

#include "absl/strings/str_cat.h"
#include "file/replace_file.h"

namespace nexus::identity {

absl::Status WriteTokenFile(const std::string& path, absl::string_view token) {
  return file::ReplaceFile(path, absl::StrCat(token, "\n"), /*mode=*/0600);
}

}  // namespace nexus::identity
