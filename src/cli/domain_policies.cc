#include "cli/domain_policies.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/opa_errors.h"
#include "declaration/fault_list.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"
#include "policy/opa/bundle_build.h"
#include "policy/opa/opa_program.h"
#include "policy/opa/policy_bundle.h"
#include "schema/json/simd_json_reader.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> OpaFor(const FolderPolicy& first, const std::string& opa) {
  absl::StatusOr<std::string> found = policy::FindOpa(opa);
  if (found.ok()) return found;
  return MakeError(
      ErrorReason::kConfigurationInvalid,
      opa.empty()
          ? absl::StrCat("the domain has the policy ", first.policy.name,
                         ", which the program opa compiles, and that is not installed: it was "
                         "looked for in PATH, $NEXUS_TOOLS/bin and ~/.cache/nexus/tools/bin. "
                         "`scripts/install run` installs it; --opa says where it is")
          : absl::StrCat("--opa: ", opa, " cannot be executed"));
}

// What is wrong with one file, or with the declaration.
absl::Status Wrong(const std::string& file, uint64_t line, std::string message) {
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedRequest;
  details.violations.emplace_back();
  details.violations.back().field = line == 0 ? file : absl::StrCat(file, ":", line);
  details.violations.back().message = message;
  return MakeError(absl::StrCat(details.violations.back().field, ": ", message), details);
}

// What opa said, each with its place.
absl::Status Uncompiled(const FolderPolicy& policy, const absl::Status& status) {
  if (ReasonOf(status) != ErrorReason::kConfigurationInvalid) return status;
  const std::vector<OpaError> errors = OpaErrorsIn(status.message());
  if (errors.empty()) return Wrong(policy.file, policy.line, std::string(status.message()));
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedRequest;
  for (const OpaError& error : errors) {
    Violation& violation = details.violations.emplace_back();
    violation.field = absl::StrCat(policy.policy.folder, "/", error.file, ":", error.line);
    violation.message = error.message;
  }
  return MakeError(absl::StrCat("the policy ", policy.policy.name, " does not compile"), details);
}

absl::Status CheckSource(const fs::path& root, const std::string& path, const std::string& text) {
  if (!domain::IsPlainPath(path)) {
    return Wrong(path, 0, "a path is of letters, digits, '.', '_' and '-'");
  }
  if (FindInvalidUtf8(text).has_value()) return Wrong(path, 0, "is not UTF-8");
  std::error_code error;
  const std::string whole = fs::canonical(root, error).string();
  const std::string target = fs::canonical(root / path, error).string();
  if (error || !absl::StartsWith(target, absl::StrCat(whole, "/"))) {
    return Wrong(path, 0, "leads out of the folder");
  }
  return absl::OkStatus();
}

void Put(std::string path, std::string text, DomainFolder& folder) {
  std::erase_if(folder.files, [&](const DomainText& file) { return file.path == path; });
  folder.files.push_back({std::move(path), std::move(text)});
}

absl::Status CompileOne(const std::string& root, const std::string& opa, const FolderPolicy& one,
                        DomainFolder& folder) {
  const std::string& below = one.policy.folder;
  const std::string whole = (fs::path(root) / below).string();
  auto sources = policy::ReadPolicyFolder(whole);
  if (!sources.ok()) return Wrong(one.file, one.line, std::string(sources.status().message()));
  for (policy::PolicyFile& source : *sources) {
    std::string path = absl::StrCat(below, "/", source.path);
    NEXUS_RETURN_IF_ERROR(CheckSource(root, path, source.content));
    Put(std::move(path), std::move(source.content), folder);
  }
  const absl::StatusOr<std::string> archive = policy::BuildBundle(whole, opa);
  if (!archive.ok()) return Uncompiled(one, archive.status());
  Put(one.policy.bundle_path(), absl::Base64Escape(*archive), folder);
  return absl::OkStatus();
}

// The server would say so, too, but not what to do about it.
absl::Status CheckSize(const std::vector<FolderPolicy>& policies, const DomainFolder& folder) {
  size_t bytes = 0;
  for (const DomainDeclaration& declaration : folder.declarations) {
    bytes += declaration.path.size() + declaration.document.json.size();
  }
  std::string bundles;
  for (const DomainText& file : folder.files) {
    bytes += file.path.size() + file.text.size();
    for (const FolderPolicy& one : policies) {
      if (file.path != one.policy.bundle_path()) continue;
      absl::StrAppend(&bundles, bundles.empty() ? "" : ", ", file.path, " has ", file.text.size());
    }
  }
  if (bytes <= domain::kPackageBytesMax) return absl::OkStatus();
  return MakeError(
      ErrorReason::kLimitExceeded,
      absl::StrCat("with its compiled policies the domain ", folder.name, " has ", bytes,
                   " bytes, of which ", bundles, "; at most ", domain::kPackageBytesMax,
                   " are taken. Fewer built-in functions and less data make a bundle "
                   "smaller"));
}

}  // namespace

absl::StatusOr<std::vector<FolderPolicy>> PoliciesIn(const DomainFolder& folder) {
  schema::SimdJsonReader json;
  declaration::FaultList faults;
  std::vector<FolderPolicy> policies;
  for (const DomainDeclaration& declaration : folder.declarations) {
    if (declaration.kind != domain::KindName(domain::Kind::kPolicy)) continue;
    const auto header = domain::ParseHeader(declaration.document.json, json);
    auto policy = header.ok() ? domain::ParsePolicy(*header, json)
                              : absl::StatusOr<domain::PolicyDeclaration>(header.status());
    if (!policy.ok()) {
      faults.Add(declaration.path, policy.status());
      continue;
    }
    policies.push_back(
        {*std::move(policy), declaration.file, declaration.document.LineOf("/spec/folder")});
  }
  NEXUS_RETURN_IF_ERROR(WithLines(faults.ToStatus(), folder));
  return policies;
}

absl::Status CompilePolicies(const std::string& root, const std::string& opa,
                             DomainFolder& folder) {
  NEXUS_ASSIGN_OR_RETURN(const std::vector<FolderPolicy> policies, PoliciesIn(folder));
  if (policies.empty()) return absl::OkStatus();
  NEXUS_ASSIGN_OR_RETURN(const std::string program, OpaFor(policies.front(), opa));
  for (const FolderPolicy& one : policies) {
    NEXUS_RETURN_IF_ERROR(CompileOne(root, program, one, folder));
  }
  std::sort(folder.files.begin(), folder.files.end(),
            [](const DomainText& a, const DomainText& b) { return a.path < b.path; });
  return CheckSize(policies, folder);
}

}  // namespace nexus::cli
