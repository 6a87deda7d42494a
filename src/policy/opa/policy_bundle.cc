#include "policy/opa/policy_bundle.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/embedded_files.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFolderBytesMax = 64 << 20;

absl::Status Invalid(absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, what);
}

bool Belongs(const fs::path& path) {
  const std::string name = path.filename().string();
  if (absl::EndsWith(name, ".rego")) return !absl::EndsWith(name, "_test.rego");
  return name == "data.json" || name == "data.yaml" || name == "data.yml";
}

// The files below `folder` that belong, in no order.
absl::StatusOr<std::vector<fs::path>> ListFiles(const std::string& folder) {
  std::error_code error;
  std::vector<fs::path> paths;
  for (fs::recursive_directory_iterator it(folder, error), end; !error && it != end;
       it.increment(error)) {
    // Kubernetes mounts the same files a second time below a folder named "..data".
    const bool hidden = absl::StartsWith(it->path().filename().string(), ".");
    std::error_code ignored;
    if (hidden) {
      it.disable_recursion_pending();
    } else if (it->is_regular_file(ignored) && Belongs(it->path())) {
      paths.push_back(it->path());
    }
  }
  if (error) {
    return Invalid(absl::StrCat("cannot read the policy folder ", folder, ": ", error.message()));
  }
  return paths;
}

absl::Status WriteFile(const fs::path& path, absl::string_view content) {
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(content.data(), static_cast<std::streamsize>(content.size()));
  out.close();
  if (!out) return MakeError(ErrorReason::kInternal, absl::StrCat("cannot write ", path.string()));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<PolicyFile>> ReadPolicyFolder(const std::string& folder) {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<fs::path> paths, ListFiles(folder));
  std::vector<PolicyFile> files;
  size_t bytes = 0;
  bool has_policy = false;
  for (const fs::path& path : paths) {
    NEXUS_ASSIGN_OR_RETURN(std::string content, ReadPolicyFile(path.string(), kFolderBytesMax));
    bytes += content.size();
    if (bytes > kFolderBytesMax) return Invalid(absl::StrCat(folder, " holds more than 64 MiB"));
    has_policy = has_policy || path.extension() == ".rego";
    files.push_back({path.lexically_relative(folder).generic_string(), std::move(content)});
    if (files.back().path == BatchModule().path) {
      return Invalid(absl::StrCat(path.string(), ": the server adds a file of this name itself"));
    }
  }
  if (!has_policy) return Invalid(absl::StrCat("no *.rego file in the policy folder ", folder));
  std::sort(files.begin(), files.end(),
            [](const PolicyFile& a, const PolicyFile& b) { return a.path < b.path; });
  return files;
}

std::vector<PolicyFile> DefaultPolicyFiles() {
  std::vector<PolicyFile> files;
  for (const EmbeddedFile& file : DefaultPolicies()) {
    files.push_back({std::string(file.path), std::string(file.content)});
  }
  return files;
}

absl::Status WriteBundle(const std::vector<PolicyFile>& files, const std::string& folder) {
  std::error_code error;
  fs::remove_all(folder, error);
  for (const PolicyFile& file : files) {
    NEXUS_RETURN_IF_ERROR(WriteFile(fs::path(folder) / file.path, file.content));
  }
  const EmbeddedFile& batch = BatchModule();
  NEXUS_RETURN_IF_ERROR(WriteFile(fs::path(folder) / std::string(batch.path), batch.content));
  return WriteFile(fs::path(folder) / ".manifest",
                   absl::StrCat("{\"revision\":\"", PolicyRevision(files), "\",\"roots\":[\"\"]}"));
}

}  // namespace nexus::policy
