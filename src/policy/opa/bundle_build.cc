#include "policy/opa/bundle_build.h"

#include <simdjson.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/opa/opa_output.h"
#include "policy/opa/plan_reads.h"
#include "policy/opa/policy_bundle.h"
#include "policy/opa/policy_inspection.h"

namespace nexus::policy {
namespace {

namespace fs = std::filesystem;
using simdjson::dom::element;

absl::Status Uncompilable(absl::string_view what) {
  return MakeError(ErrorReason::kConfigurationInvalid, what);
}

// One build: a copy of the sources, and questions to `opa` about them.
class Build {
 public:
  Build(std::string opa, std::string work) : opa_(std::move(opa)), work_(std::move(work)) {}

  absl::StatusOr<std::string> Run(const std::string& folder) {
    NEXUS_ASSIGN_OR_RETURN(files_, ReadPolicyFolder(folder));
    NEXUS_RETURN_IF_ERROR(CopySources());
    NEXUS_RETURN_IF_ERROR(FindEntrypoints());
    if (operations_.empty()) {
      return Uncompilable(absl::StrCat("no rule data.nexus.<operation>.decision in ", folder));
    }
    NEXUS_RETURN_IF_ERROR(Compile("wasm", Compiled()));
    NEXUS_RETURN_IF_ERROR(FindReads());
    return Repack();
  }

 private:
  std::string Sources() const { return work_ + "/sources"; }
  std::string Compiled() const { return work_ + "/compiled.tar.gz"; }

  absl::StatusOr<std::string> Ask(std::vector<std::string> arguments) {
    return RunOpa({opa_, std::move(arguments), Sources()});
  }

  absl::Status CopySources() {
    for (const PolicyFile& file : files_) {
      const fs::path path = fs::path(Sources()) / file.path;
      std::error_code error;
      fs::create_directories(path.parent_path(), error);
      std::ofstream out(path, std::ios::binary);
      out << file.content;
      out.close();
      if (!out) {
        return MakeError(ErrorReason::kInternal, absl::StrCat("cannot write ", path.string()));
      }
    }
    return absl::OkStatus();
  }

  absl::Status FindEntrypoints() {
    PolicyInspection inspection(opa_, Sources());
    NEXUS_RETURN_IF_ERROR(inspection.Read());
    rules_ = inspection.rules();
    for (const std::string& operation : inspection.packages()) {
      NEXUS_ASSIGN_OR_RETURN(const bool decides, inspection.Decides(operation));
      if (decides) operations_.push_back(operation);
    }
    return absl::OkStatus();
  }

  absl::Status Compile(const std::string& target, const std::string& out) {
    std::vector<std::string> arguments{"build", "-t", target, "-o", out};
    for (const std::string& operation : operations_) {
      arguments.insert(arguments.end(), {"-e", EntrypointOf(operation)});
    }
    arguments.emplace_back(".");
    return Ask(std::move(arguments)).status();
  }

  static std::string EntrypointOf(const std::string& operation) {
    return absl::StrCat("nexus/", operation, "/decision");
  }

  absl::Status FindReads() {
    const std::string planned = work_ + "/planned.tar.gz";
    NEXUS_RETURN_IF_ERROR(Compile("plan", planned));
    NEXUS_ASSIGN_OR_RETURN(const std::vector<PolicyFile> files, ReadBundleFiles(planned));
    const auto plan = std::find_if(files.begin(), files.end(),
                                   [](const PolicyFile& file) { return file.path == "plan.json"; });
    if (plan == files.end()) return Uncompilable("`opa build -t plan` wrote no plan.json");
    NEXUS_ASSIGN_OR_RETURN(auto by_entrypoint, ReadsOfPlan(plan->content));
    for (const std::string& operation : operations_) {
      const auto found = by_entrypoint.find(EntrypointOf(operation));
      if (found != by_entrypoint.end()) reads_.emplace(operation, std::move(found->second));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> Repack() {
    NEXUS_ASSIGN_OR_RETURN(std::vector<PolicyFile> compiled, ReadBundleFiles(Compiled()));
    for (PolicyFile& file : compiled) {
      if (file.path != kManifestFile) continue;
      NEXUS_ASSIGN_OR_RETURN(file.content, AddReads(file.content, reads_, rules_));
    }
    std::sort(compiled.begin(), compiled.end(),
              [](const PolicyFile& a, const PolicyFile& b) { return a.path < b.path; });
    return WriteArchive(compiled);
  }

  const std::string opa_;
  const std::string work_;
  std::vector<PolicyFile> files_;
  std::vector<std::string> operations_;      // that the folder decides
  std::map<std::string, InputReads> reads_;  // of those of which it is known
  RuleTable rules_;
};

}  // namespace

absl::StatusOr<std::string> BuildBundle(const std::string& folder, const std::string& opa) {
  std::error_code error;
  std::string work = (fs::temp_directory_path(error) / "nexus-policy-XXXXXX").string();
  if (error || ::mkdtemp(work.data()) == nullptr) {
    return MakeError(ErrorReason::kInternal, absl::StrCat("cannot make the folder ", work));
  }
  const absl::Cleanup remove = [&work] {
    std::error_code ignored;
    fs::remove_all(work, ignored);
  };
  return Build(opa, work).Run(folder);
}

}  // namespace nexus::policy
