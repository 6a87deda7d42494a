#include "cost/measured.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "harness/nexusd/child_process.h"
#include "nexus/core/status_macros.h"

namespace nexus::cost {
namespace {

constexpr absl::Duration kPatience = absl::Minutes(2);
constexpr uint64_t kTimesLonger = 3;  // the second run, to the first

std::string Program() {
  const char* folder = getenv("NEXUS_BIN_DIR");
  return absl::StrCat(folder == nullptr ? "." : folder, "/cost_workload");
}

// One run of `appends` under `tool` and its flags; gives what the workload printed.
absl::StatusOr<std::string> RunUnder(std::vector<std::string> tool, const WorkloadRun& run,
                                     uint64_t appends) {
  const std::string data = run.folder + "/data";
  std::filesystem::remove_all(data);
  for (const std::string& word :
       {Program(), run.workload, absl::StrCat(appends), data, absl::StrCat(run.waste)}) {
    tool.push_back(word);
  }
  NEXUS_ASSIGN_OR_RETURN(auto child, harness::ChildProcess::Start({tool, {}, ""}));
  NEXUS_ASSIGN_OR_RETURN(const harness::ExitStatus exit, child->WaitForExit(kPatience));
  if (!exit.Succeeded()) {
    return absl::InternalError(
        absl::StrCat(tool[0], " ended with ", exit.ToString(), ": ", child->Output()));
  }
  return child->Output();
}

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

absl::StatusOr<double> SystemCalls(const WorkloadRun& run, uint64_t appends) {
  const std::string counts = run.folder + "/strace";
  NEXUS_RETURN_IF_ERROR(
      RunUnder({"/usr/bin/strace", "-f", "-c", "-U", "calls,name", "-o", counts}, run, appends)
          .status());
  double calls = 0;
  for (const absl::string_view line : absl::StrSplit(ReadFile(counts), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    double n = 0;
    if (words.size() != 2 || !absl::SimpleAtod(words[0], &n)) continue;
    if (words[1] == "total") calls += n;
    if (words[1] == "futex") calls -= n;
  }
  if (calls <= 0) return absl::InternalError("strace counted nothing");
  return calls;
}

absl::StatusOr<double> Instructions(const WorkloadRun& run, uint64_t appends) {
  const std::string profile = run.folder + "/callgrind";
  NEXUS_RETURN_IF_ERROR(
      RunUnder({"/usr/bin/valgrind", "--tool=callgrind", "-q", "--callgrind-out-file=" + profile},
               run, appends)
          .status());
  for (const absl::string_view line : absl::StrSplit(ReadFile(profile), '\n')) {
    const std::vector<std::string> words = absl::StrSplit(line, ' ', absl::SkipEmpty());
    double n = 0;
    if (words.size() == 2 && words[0] == "totals:" && absl::SimpleAtod(words[1], &n)) return n;
  }
  return absl::InternalError("callgrind counted nothing");
}

template <typename Count>
absl::StatusOr<double> PerAppend(const WorkloadRun& run, Count count) {
  NEXUS_ASSIGN_OR_RETURN(const double less, count(run, run.appends));
  NEXUS_ASSIGN_OR_RETURN(const double more, count(run, run.appends * kTimesLonger));
  return (more - less) / static_cast<double>(run.appends * (kTimesLonger - 1));
}

}  // namespace

absl::StatusOr<AllocatedPerAppend> CountAllocations(const WorkloadRun& run) {
  const uint64_t appends = run.appends * kTimesLonger;
  NEXUS_ASSIGN_OR_RETURN(const std::string printed, RunUnder({}, run, appends));
  const std::vector<std::string> words =
      absl::StrSplit(printed, absl::ByAnyChar(" \n"), absl::SkipEmpty());
  AllocatedPerAppend allocated;
  if (words.size() != 2 || !absl::SimpleAtod(words[0], &allocated.calls) ||
      !absl::SimpleAtod(words[1], &allocated.bytes)) {
    return absl::InternalError("the workload printed: " + printed);
  }
  allocated.calls /= static_cast<double>(appends);
  allocated.bytes /= static_cast<double>(appends);
  return allocated;
}

absl::StatusOr<double> CountSystemCalls(const WorkloadRun& run) {
  return PerAppend(run, SystemCalls);
}

absl::StatusOr<double> CountInstructions(const WorkloadRun& run) {
  return PerAppend(run, Instructions);
}

}  // namespace nexus::cost
