#include "cli/opa_errors.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace nexus::cli {
namespace {

constexpr absl::string_view kModuleEnd = ".rego:";

// False: the line names no place.
bool ReadError(absl::string_view line, OpaError& error) {
  const size_t end = line.find(kModuleEnd);
  if (end == absl::string_view::npos) return false;
  const size_t colon = end + kModuleEnd.size() - 1;
  const size_t after = line.find(": ", colon + 1);
  if (after == absl::string_view::npos) return false;
  // The column follows the line in some of them.
  const absl::string_view place = line.substr(colon + 1, after - colon - 1);
  if (!absl::SimpleAtoi(place.substr(0, place.find(':')), &error.line)) return false;
  absl::string_view file = line.substr(0, colon);
  const size_t before = file.rfind(": ");
  if (before != absl::string_view::npos) file.remove_prefix(before + 2);
  absl::ConsumePrefix(&file, "./");
  error.file = std::string(file);
  error.message = std::string(line.substr(after + 2));
  return true;
}

}  // namespace

std::vector<OpaError> OpaErrorsIn(absl::string_view said) {
  std::vector<OpaError> errors;
  for (const absl::string_view line : absl::StrSplit(said, '\n')) {
    OpaError error;
    if (!ReadError(line, error)) continue;
    if (std::find(errors.begin(), errors.end(), error) != errors.end()) continue;
    errors.push_back(std::move(error));
  }
  return errors;
}

}  // namespace nexus::cli
