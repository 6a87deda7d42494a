#include "domain/domain_package.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "digest/sha256.h"

namespace nexus::domain {

absl::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kSchema:
      return "Schema";
    case Kind::kAggregate:
      return "Aggregate";
    case Kind::kUpcaster:
      return "Upcaster";
    case Kind::kRoute:
      return "Route";
    case Kind::kPolicy:
      return "Policy";
    case Kind::kRole:
      return "Role";
  }
  return "";
}

bool IsPlainPath(absl::string_view path) {
  if (path.empty() || path.size() > kPathBytesMax) return false;
  if (path.front() == '/' || path.back() == '/') return false;
  if (absl::StrContains(absl::StrCat("/", path), "/.")) return false;
  if (absl::StrContains(path, "//")) return false;
  return std::all_of(path.begin(), path.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) || absl::StrContains("._-/", static_cast<char>(c));
  });
}

const PackageFile* DomainPackage::FindFile(absl::string_view path) const {
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const PackageFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

std::string DigestOf(const DomainPackage& package) {
  // Lengths before texts: no two packages give the same bytes.
  std::string bytes;
  const auto add = [&](absl::string_view text) { absl::StrAppend(&bytes, text.size(), ":", text); };
  add(package.name);
  for (const auto* files : {&package.declarations, &package.files}) {
    absl::StrAppend(&bytes, files->size(), ";");
    for (const PackageFile& file : *files) {
      add(file.path);
      add(file.text);
    }
  }
  return Sha256Hex(bytes);
}

}  // namespace nexus::domain
