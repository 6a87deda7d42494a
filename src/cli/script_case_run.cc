#include "cli/script_case_run.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/aggregate_case.h"
#include "cli/files.h"
#include "cli/upcaster_case.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kCaseFileRule[] = "CASE_INVALID";
constexpr char kTestsFolder[] = "tests";

std::vector<std::string> CaseFiles(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator at(fs::path(folder) / kTestsFolder, error);
  for (const fs::recursive_directory_iterator end; !error && at != end; at.increment(error)) {
    const std::string extension = at->path().extension().string();
    std::error_code ignored;
    if (!at->is_regular_file(ignored)) continue;
    if (extension == ".yaml" || extension == ".yml" || extension == ".json") {
      files.push_back(at->path().lexically_relative(folder).generic_string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

class Runner {
 public:
  Runner(const std::string& folder, LocalDomain& local, const script::CallLimits& limits)
      : folder_(folder), local_(local), limits_(limits) {}

  absl::StatusOr<CaseRun> Run() {
    for (const std::string& file : CaseFiles(folder_)) {
      run_.files.push_back(file);
      NEXUS_ASSIGN_OR_RETURN(const std::string text, ReadFile((fs::path(folder_) / file).string()));
      std::vector<YamlFault> faults;
      const std::vector<YamlDocument> documents = ReadYaml(text, faults);
      for (YamlFault& fault : faults) Fail(file, fault.line, "", std::move(fault.message));
      if (!faults.empty()) continue;
      for (const YamlDocument& document : documents) TakeDocument(file, document);
    }
    if (local_.state() != nullptr) NameUntried();
    return std::move(run_);
  }

 private:
  void Fail(const std::string& file, uint64_t line, std::string pointer, std::string message) {
    run_.faults.push_back({kCaseFileRule, file, line, std::move(pointer), std::move(message)});
  }

  void TakeDocument(const std::string& file, const YamlDocument& document) {
    const absl::StatusOr<ScriptCases> read = ReadCases(document, local_.json());
    if (!read.ok()) {
      const ErrorDetails details = DetailsOf(read.status());
      std::string pointer, message(read.status().message());
      if (!details.violations.empty()) {
        pointer = details.violations.front().pointer;
        message = details.violations.front().message;
      }
      const uint64_t line = document.LineOf(pointer);
      return Fail(file, line, std::move(pointer), std::move(message));
    }
    if (local_.state() == nullptr) return;  // its faults are told
    for (const ScriptCase& one : read->cases) {
      CaseResult result;
      result.file = file;
      result.line = document.LineOf(one.pointer);
      result.name = one.name;
      if (read->upcaster.empty()) {
        result.subject = read->aggregate;
        TryAggregate(*read, one, document, result);
      } else {
        result.subject = read->upcaster;
        TryUpcaster(*read, one, document, result);
      }
      run_.results.push_back(std::move(result));
    }
  }

  static void Take(const CaseVerdict& verdict, const YamlDocument& document, CaseResult& result) {
    if (verdict.failure.empty()) return;
    result.failure = verdict.failure;
    result.expected = verdict.expected;
    result.actual = verdict.actual;
    if (!verdict.pointer.empty()) result.line = document.LineOf(verdict.pointer);
  }

  void TryAggregate(const ScriptCases& cases, const ScriptCase& one, const YamlDocument& document,
                    CaseResult& result) {
    tried_.insert(absl::StrCat("Aggregate ", cases.aggregate));
    for (const auto& record : local_.state()->aggregates()) {
      if (record->declaration.name != cases.aggregate) continue;
      if (record->declaration.is_remote()) {
        result.failure = "a worker decides for it: there is no code here";
        return;
      }
      return Take(RunAggregateCase(local_, record, one, limits_), document, result);
    }
    result.failure = absl::StrCat("no aggregate ", cases.aggregate, " is declared");
  }

  void TryUpcaster(const ScriptCases& cases, const ScriptCase& one, const YamlDocument& document,
                   CaseResult& result) {
    tried_.insert(absl::StrCat("Upcaster ", cases.upcaster));
    for (const domain::UpcasterRecord& record : local_.state()->upcasters()) {
      if (record.declaration.name != cases.upcaster) continue;
      return Take(RunUpcasterCase(local_, record, one, limits_), document, result);
    }
    result.failure = absl::StrCat("no upcaster ", cases.upcaster, " is declared");
  }

  void NameUntried() {
    const auto name = [&](const char* kind, const std::string& what) {
      std::string both = absl::StrCat(kind, " ", what);
      if (!tried_.contains(both)) run_.untried.push_back(std::move(both));
    };
    for (const auto& record : local_.state()->aggregates()) {
      if (!record->declaration.is_remote()) name("Aggregate", record->declaration.name);
    }
    for (const auto& record : local_.state()->upcasters()) {
      name("Upcaster", record.declaration.name);
    }
  }

  const std::string& folder_;
  LocalDomain& local_;
  const script::CallLimits limits_;
  std::set<std::string> tried_;
  CaseRun run_;
};

}  // namespace

absl::StatusOr<CaseRun> RunCases(const std::string& folder, LocalDomain& local,
                                 const script::CallLimits& limits) {
  return Runner(folder, local, limits).Run();
}

}  // namespace nexus::cli
