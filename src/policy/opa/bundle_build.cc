#include "policy/opa/bundle_build.h"

#include <simdjson.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/bundle/archive.h"
#include "policy/bundle/wasm_bundle.h"
#include "policy/opa/opa_output.h"
#include "policy/opa/policy_bundle.h"

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
    NEXUS_ASSIGN_OR_RETURN(const bool reads_are_known, NothingReplacesTheInput());
    NEXUS_RETURN_IF_ERROR(FindEntrypoints());
    if (reads_.empty()) {
      return Uncompilable(absl::StrCat("no rule data.nexus.<operation>.decision in ", folder));
    }
    NEXUS_RETURN_IF_ERROR(Compile());
    if (!reads_are_known) reads_.clear();
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

  // `opa deps` overlooks what the value of a `with` reads: `... with input as {"a": input.b}`.
  absl::StatusOr<bool> NothingReplacesTheInput() {
    for (const PolicyFile& file : files_) {
      if (!absl::EndsWith(file.path, ".rego") || !absl::StrContains(file.content, "with")) continue;
      NEXUS_ASSIGN_OR_RETURN(const std::string tree, Ask({"parse", "-f", "json", file.path}));
      if (absl::StrContains(tree, "\"with\":")) return false;
    }
    return true;
  }

  absl::Status FindEntrypoints() {
    NEXUS_ASSIGN_OR_RETURN(const std::string said, Ask({"inspect", "-f", "json", "."}));
    simdjson::dom::parser parser;
    simdjson::dom::object packages;
    if (parser.parse(said)["namespaces"].get(packages) != simdjson::SUCCESS) {
      return Uncompilable(absl::StrCat("`opa inspect` said something unknown: ", said));
    }
    for (const auto& [package, files] : packages) {
      absl::string_view operation(package.data(), package.size());
      if (!absl::ConsumePrefix(&operation, "data.nexus.")) continue;
      if (absl::StrContains(operation, '.')) continue;
      NEXUS_RETURN_IF_ERROR(AddEntrypoint(std::string(operation)));
    }
    return absl::OkStatus();
  }

  absl::Status AddEntrypoint(const std::string& operation) {
    NEXUS_ASSIGN_OR_RETURN(const std::string said,
                           Ask({"deps", "-d", ".", "-f", "json",
                                absl::StrCat("data.nexus.", operation, ".decision")}));
    simdjson::dom::parser parser;
    element document;
    if (parser.parse(said).get(document) != simdjson::SUCCESS) {
      return Uncompilable(absl::StrCat("`opa deps` said something unknown: ", said));
    }
    const std::vector<std::string> decision{"data", "nexus", operation, "decision"};
    const InputPaths rules = Paths(document["virtual"]);
    if (std::find(rules.begin(), rules.end(), decision) == rules.end()) return absl::OkStatus();
    reads_[operation] = Reads(Paths(document["base"]));
    return absl::OkStatus();
  }

  // Each reference up to its first part that is not a plain key.
  static InputPaths Paths(simdjson::simdjson_result<element> list) {
    InputPaths paths;
    simdjson::dom::array references;
    if (list.get(references) != simdjson::SUCCESS) return paths;
    for (const element reference : references) {
      std::vector<std::string> path;
      for (const element part : simdjson::dom::array(reference)) {
        std::string_view text;
        if (!path.empty() && std::string_view(part["type"]) != "string") break;
        if (part["value"].get(text) != simdjson::SUCCESS) break;
        path.emplace_back(text);
      }
      paths.push_back(std::move(path));
    }
    return paths;
  }

  // Those of the input, without the word and without what lies below another.
  static std::optional<InputPaths> Reads(InputPaths paths) {
    std::sort(paths.begin(), paths.end());
    InputPaths reads;
    for (std::vector<std::string>& path : paths) {
      if (path.empty() || path.front() != "input") continue;
      if (path.size() == 1) return std::nullopt;  // all of it
      path.erase(path.begin());
      const auto covers = [&path](const std::vector<std::string>& other) {
        return other.size() <= path.size() && std::equal(other.begin(), other.end(), path.begin());
      };
      if (std::none_of(reads.begin(), reads.end(), covers)) reads.push_back(std::move(path));
    }
    return reads;
  }

  absl::Status Compile() {
    std::vector<std::string> arguments{"build", "-t", "wasm", "-o", Compiled()};
    for (const auto& [operation, reads] : reads_) {
      arguments.insert(arguments.end(), {"-e", absl::StrCat("nexus/", operation, "/decision")});
    }
    arguments.emplace_back(".");
    return Ask(std::move(arguments)).status();
  }

  absl::StatusOr<std::string> Repack() {
    NEXUS_ASSIGN_OR_RETURN(std::vector<PolicyFile> compiled, ReadBundleFiles(Compiled()));
    std::map<std::string, InputPaths> known;
    for (auto& [operation, reads] : reads_) {
      if (reads.has_value()) known.emplace(operation, *std::move(reads));
    }
    for (PolicyFile& file : compiled) {
      if (file.path != kManifestFile) continue;
      NEXUS_ASSIGN_OR_RETURN(file.content, AddReads(file.content, known));
    }
    std::sort(compiled.begin(), compiled.end(),
              [](const PolicyFile& a, const PolicyFile& b) { return a.path < b.path; });
    return WriteArchive(compiled);
  }

  const std::string opa_;
  const std::string work_;
  std::vector<PolicyFile> files_;
  std::map<std::string, std::optional<InputPaths>> reads_;  // by operation; empty: all of it
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
