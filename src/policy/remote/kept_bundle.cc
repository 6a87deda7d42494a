#include "policy/remote/kept_bundle.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "file/replace_file.h"
#include "nexus/core/errors.h"
#include "policy/bundle/policy_file.h"
#include "policy/bundle/wasm_bundle.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;

}  // namespace

absl::Status KeepBundle(const std::string& path, absl::string_view archive) {
  const std::string folder = fs::path(path).parent_path().string();
  std::error_code made;
  fs::create_directories(folder, made);
  if (made) {
    return MakeError(ErrorReason::kInternal,
                     absl::StrCat("cannot make ", folder, ": ", made.message()));
  }
  return file::ReplaceFile(path, archive, /*mode=*/0600);
}

absl::StatusOr<std::string> ReadKeptBundle(const std::string& path) {
  std::error_code error;
  if (!fs::exists(path, error)) {
    return absl::NotFoundError(absl::StrCat("there is no bundle from before in ", path));
  }
  return ReadPolicyFile(path, kBundleBytesMax);
}

}  // namespace nexus::policy
