#pragma once

// What `nexusctl check` does: a list of checks, each of which looks at its part of a folder.
//
// docs/reference/check.md has the layout of the folder and every rule.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "cli/finding_report.h"
#include "cli/session.h"
#include "nexus/core/compatibility.h"

namespace nexus::cli {

struct CheckRequest {
  std::string folder;
  // What schemas are compared with: one of these, or nothing.
  std::string against;       // another such folder
  std::string against_git;   // an earlier revision of this one
  bool registered = false;   // what the server has
  CompatibilityRules rules;  // of versions; not of those of a server, which has its own
  std::string opa;           // the program; empty: wherever it is
  bool require_opa = false;  // its absence is an error
};

struct CheckResult {
  std::vector<std::string> files;  // that were looked at
  std::vector<ReportedFinding> findings;
  std::vector<std::string> notes;  // for people: what could not be looked at, and why
  std::vector<PassedTest> passed = {};
};

class FolderCheck {
 public:
  virtual ~FolderCheck() = default;

  // One word, for --only.
  virtual absl::string_view name() const = 0;
  // What of the folder it looks at, for whoever has nothing of it: "schemas/".
  virtual absl::string_view looks_at() const = 0;

  // Adds what it finds. A folder without its part is passed over: nothing is added to `files`. An
  // error is of what kept it from looking: a server, a program, a file that cannot be read.
  virtual absl::Status Run(Session& session, const CheckRequest& request, CheckResult& result) = 0;
};

std::unique_ptr<FolderCheck> NewSchemaCheck();
std::unique_ptr<FolderCheck> NewPolicyCheck();
std::unique_ptr<FolderCheck> NewGraphCheck();
std::unique_ptr<FolderCheck> NewDomainCheck();

// The domains of a folder: itself if it is one, and those in its domains/.
std::vector<std::string> DomainsIn(const std::string& folder);

// All there are, in the order in which they run.
std::vector<std::unique_ptr<FolderCheck>> AllFolderChecks();

}  // namespace nexus::cli
