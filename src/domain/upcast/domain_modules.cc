#include "domain/upcast/domain_modules.h"

#include "absl/strings/match.h"

namespace nexus::domain {

std::vector<script::ModuleFile> ModulesOf(const DomainPackage& package) {
  std::vector<script::ModuleFile> files;
  for (const PackageFile& file : package.files) {
    if (absl::EndsWith(file.path, ".js")) files.push_back({file.path, file.text});
  }
  return files;
}

}  // namespace nexus::domain
