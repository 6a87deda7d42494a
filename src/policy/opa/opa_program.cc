#include "policy/opa/opa_program.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "nexus/core/errors.h"

namespace nexus::policy {
namespace {

constexpr absl::string_view kWhatToDo =
    "Install it with `scripts/install run`, name it in policy.opa.program, or set "
    "policy.opa.address "
    "to the address of an OPA that runs elsewhere.";

bool CanRun(const std::string& path) {
  struct stat info {};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode) &&
         ::access(path.c_str(), X_OK) == 0;
}

// The child runs in a folder of its own.
std::string Absolute(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::absolute(path, ignored).string();
}

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<std::string> Folders() {
  std::vector<std::string> folders = absl::StrSplit(Environment("PATH"), ':', absl::SkipEmpty());
  const std::string tools = Environment("NEXUS_TOOLS");
  if (!tools.empty()) folders.push_back(tools + "/bin");
  const std::string home = Environment("HOME");
  if (!home.empty()) folders.push_back(home + "/.cache/nexus/tools/bin");
  return folders;
}

}  // namespace

absl::StatusOr<std::string> FindOpa(const std::string& configured) {
  if (configured.find('/') != std::string::npos) {
    if (CanRun(configured)) return Absolute(configured);
    return MakeError(
        ErrorReason::kConfigurationInvalid,
        absl::StrCat("policy.opa.program: ", configured, " cannot be executed. ", kWhatToDo));
  }
  const std::string name = configured.empty() ? "opa" : configured;
  const std::vector<std::string> folders = Folders();
  for (const std::string& folder : folders) {
    const std::string path = absl::StrCat(folder, "/", name);
    if (CanRun(path)) return Absolute(path);
  }
  return MakeError(ErrorReason::kConfigurationInvalid,
                   absl::StrCat("the program `", name, "` was not found in ",
                                absl::StrJoin(folders, ", "), ". ", kWhatToDo));
}

}  // namespace nexus::policy
