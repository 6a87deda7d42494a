#include "cli/git_revision.h"

#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/exit_code.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "policy/opa/opa_output.h"

namespace nexus::cli {
namespace {

// Git in a folder, with an index of its own.
class Git {
 public:
  Git(const Surroundings& surroundings, std::string folder, const std::string& index)
      : folder_(std::move(folder)) {
    // Where it is said that a repository of another user is to be trusted.
    environment_ = {absl::StrCat("HOME=", surroundings.environment("HOME")),
                    absl::StrCat("GIT_INDEX_FILE=", index), "LC_ALL=C"};
  }

  void In(std::string folder) { folder_ = std::move(folder); }

  absl::StatusOr<policy::OpaEnd> Try(const std::vector<std::string>& arguments) const {
    policy::OpaRun run;
    run.program = "/usr/bin/env";
    run.arguments = environment_;
    run.arguments.emplace_back("git");
    run.arguments.insert(run.arguments.end(), arguments.begin(), arguments.end());
    run.folder = folder_;
    return policy::RunOpaToTheEnd(run);
  }

  // What it said, without the end of the line.
  absl::StatusOr<std::string> Ask(const std::vector<std::string>& arguments) const {
    NEXUS_ASSIGN_OR_RETURN(const policy::OpaEnd end, Try(arguments));
    const std::string said(absl::StripAsciiWhitespace(end.output));
    if (end.succeeded()) return said;
    return MakeError(ErrorReason::kConfigurationInvalid,
                     absl::StrCat("`git ", absl::StrJoin(arguments, " "), "` in ", folder_,
                                  " ended with ", end.how, ": ", said));
  }

 private:
  std::string folder_;
  std::vector<std::string> environment_;
};

}  // namespace

absl::Status ExportRevision(const std::string& folder, const std::string& part,
                            const std::string& revision, const std::string& into,
                            const Surroundings& surroundings) {
  if (revision.empty() || absl::StartsWith(revision, "-") || absl::StrContains(revision, ':')) {
    return UsageError(absl::StrCat("--against-git is a revision, not \"", revision, "\""));
  }
  Git git(surroundings, folder, absl::StrCat(into, "/.index"));
  NEXUS_ASSIGN_OR_RETURN(const std::string root, git.Ask({"rev-parse", "--show-toplevel"}));
  NEXUS_RETURN_IF_ERROR(
      git.Ask({"rev-parse", "--verify", absl::StrCat(revision, "^{commit}")}).status());
  NEXUS_ASSIGN_OR_RETURN(const policy::OpaEnd tree, git.Try({"rev-parse", "--verify", "--quiet",
                                                             absl::StrCat(revision, ":./", part)}));
  if (!tree.succeeded()) return absl::OkStatus();  // it came later
  git.In(root);
  const std::string id(absl::StripAsciiWhitespace(tree.output));
  NEXUS_RETURN_IF_ERROR(git.Ask({"read-tree", id}).status());
  const std::string prefix = absl::StrCat("--prefix=", into, "/", part, "/");
  return git.Ask({"checkout-index", "--all", prefix}).status();
}

}  // namespace nexus::cli
