// nexusctl check: every schema compiles, and follows what was there before.

#include <stdlib.h>

#include <filesystem>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "cli/folder_check.h"
#include "cli/git_revision.h"
#include "cli/graph_report.h"
#include "cli/local_schema.h"
#include "cli/pointer_line.h"
#include "cli/schema_folder.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

namespace fs = std::filesystem;

constexpr char kPart[] = "schemas";

using Compiled = std::shared_ptr<const CompiledSchema>;

absl::StatusOr<Compiled> Compile(const LocalLanguage& language, const SchemaFolder& folder,
                                 const SchemaFile& file) {
  const auto references = Definitions(folder.ReferencesOf(file));
  return language.validator->Compile(SchemaSource(file.text, references));
}

class Judge {
 public:
  Judge(Session& session, const CheckRequest& request, const SchemaFolder& now, CheckResult& result)
      : session_(session),
        request_(request),
        now_(now),
        result_(result),
        root_(Below(request.folder, kPart)) {}

  absl::Status CompileAll() {
    std::map<std::string, std::string> paths;  // by subject
    for (const SchemaFile& file : now_.files()) {
      result_.files.push_back(Below(root_, file.path));
      const auto [known, is_new] = paths.emplace(file.subject, file.path);
      if (!is_new) {
        Report(file, "SUBJECT_TWICE",
               absl::StrCat(file.subject, " is the subject of ", known->second, ", too"));
        continue;
      }
      const LocalLanguage language = LanguageOf(file.format);
      absl::StatusOr<Compiled> compiled = Compile(language, now_, file);
      if (compiled.ok()) {
        compiled_.emplace(file.subject, *std::move(compiled));
      } else {
        NEXUS_RETURN_IF_ERROR(ReportInvalid(file, compiled.status()));
      }
    }
    return absl::OkStatus();
  }

  // With what another folder holds.
  absl::Status Compare(const SchemaFolder& before) {
    for (const SchemaFile& old_file : before.files()) {
      const SchemaFile* file = now_.Find(old_file.subject);
      if (file == nullptr) {
        ReportedFinding& gone = Report(
            old_file, "SCHEMA_REMOVED",
            absl::StrCat("the schema of ", old_file.subject, " was there before and is gone"));
        gone.fix = "keep it: stored events still name it; delete the subject in the registry first";
      } else if (file->format != old_file.format) {
        Report(*file, "FORMAT_CHANGED",
               absl::StrCat(file->subject, " was ", SchemaFormatName(old_file.format), " and is ",
                            SchemaFormatName(file->format)))
            .fix = "give data of another format another event type";
      } else {
        NEXUS_RETURN_IF_ERROR(CompareFile(before, old_file, *file));
      }
    }
    return absl::OkStatus();
  }

  // With what the server has, by the settings that each subject has there.
  absl::Status CompareWithServer() {
    NEXUS_ASSIGN_OR_RETURN(client::Client * client, session_.Connect());
    for (const SchemaFile& file : now_.files()) {
      if (!compiled_.contains(file.subject)) continue;  // reported
      client::SchemaDraft draft;
      draft.subject = file.subject;
      draft.format = file.format;
      draft.definition = file.text;
      for (const FileReference& reference : now_.ReferencesOf(file)) {
        draft.references.push_back({reference.name, reference.file->subject, 0});
      }
      const absl::StatusOr<client::CompatibilityCheck> check = client->CheckCompatibility(draft);
      if (check.ok()) {
        for (const auto& finding : check->verdict.findings) ReportBreak(file, finding);
      } else if (ReasonOf(check.status()) == ErrorReason::kNotFound) {
        result_.notes.push_back(
            absl::StrCat(Below(root_, file.path), " is not compared: ", check.status().message()));
      } else {
        NEXUS_RETURN_IF_ERROR(ReportInvalid(file, check.status()));
      }
    }
    return absl::OkStatus();
  }

 private:
  ReportedFinding& Report(const SchemaFile& file, absl::string_view rule, std::string message) {
    ReportedFinding finding;
    finding.rule = std::string(rule);
    finding.message = std::move(message);
    finding.file = Below(root_, file.path);
    result_.findings.push_back(std::move(finding));
    return result_.findings.back();
  }

  // An error that says nothing of the schema is passed on.
  absl::Status ReportInvalid(const SchemaFile& file, const absl::Status& status) {
    const ErrorDetails details = DetailsOf(status);
    if (details.reason != ErrorReason::kSchemaInvalid &&
        details.reason != ErrorReason::kLimitExceeded) {
      return status;
    }
    ReportedFinding& finding = Report(file, "SCHEMA_INVALID", std::string(status.message()));
    if (details.violations.empty()) return absl::OkStatus();
    finding.path = details.violations[0].pointer;
    if (file.format == SchemaFormat::kJsonSchema) {
      finding.line = LineOfPointer(file.text, finding.path);
    }
    return absl::OkStatus();
  }

  absl::Status CompareFile(const SchemaFolder& before, const SchemaFile& old_file,
                           const SchemaFile& file) {
    const auto compiled = compiled_.find(file.subject);
    if (compiled == compiled_.end()) return absl::OkStatus();  // reported
    const LocalLanguage language = LanguageOf(file.format);
    const absl::StatusOr<Compiled> old_schema = Compile(language, before, old_file);
    if (!old_schema.ok()) {
      result_.notes.push_back(absl::StrCat(
          Below(root_, file.path),
          " is not compared: before, it was no schema: ", old_schema.status().message()));
      return absl::OkStatus();
    }
    const EarlierSchema earlier[] = {{1, old_schema->get()}};
    NEXUS_ASSIGN_OR_RETURN(const CompatibilityVerdict verdict,
                           language.comparer->Compare(earlier, *compiled->second, request_.rules));
    for (const CompatibilityFinding& finding : verdict.findings) ReportBreak(file, finding);
    return absl::OkStatus();
  }

  void ReportBreak(const SchemaFile& file, const CompatibilityFinding& found) {
    ReportedFinding& finding = Report(file, found.rule, found.message);
    finding.path = found.path;
    finding.old_value = found.old_value;
    finding.new_value = found.new_value;
    finding.fix = found.fix;
    if (file.format == SchemaFormat::kJsonSchema) {
      finding.line = LineOfPointer(file.text, found.path);
    }
  }

  Session& session_;
  const CheckRequest& request_;
  const SchemaFolder& now_;
  CheckResult& result_;
  const std::string root_;
  std::map<std::string, Compiled> compiled_;  // by subject
};

// The schemas of an earlier revision.
absl::StatusOr<SchemaFolder> ReadRevision(Session& session, const CheckRequest& request) {
  std::error_code error;
  std::string copy = (fs::temp_directory_path(error) / "nexusctl-XXXXXX").string();
  if (error || ::mkdtemp(copy.data()) == nullptr) {
    return MakeError(ErrorReason::kInternal, absl::StrCat("cannot make the folder ", copy));
  }
  const absl::Cleanup remove = [&copy] {
    std::error_code ignored;
    fs::remove_all(copy, ignored);
  };
  NEXUS_RETURN_IF_ERROR(
      ExportRevision(request.folder, kPart, request.against_git, copy, session.surroundings()));
  return SchemaFolder::Read(absl::StrCat(copy, "/", kPart));
}

class SchemaCheck final : public FolderCheck {
 public:
  absl::string_view name() const override { return "schemas"; }
  absl::string_view looks_at() const override { return "schemas/"; }

  absl::Status Run(Session& session, const CheckRequest& request, CheckResult& result) override {
    NEXUS_ASSIGN_OR_RETURN(const SchemaFolder now,
                           SchemaFolder::Read(Below(request.folder, kPart)));
    Judge judge(session, request, now, result);
    NEXUS_RETURN_IF_ERROR(judge.CompileAll());
    if (!request.against.empty()) {
      std::error_code error;
      if (!fs::is_directory(request.against, error)) {
        return MakeError(ErrorReason::kNotFound,
                         absl::StrCat("--against ", request.against, " is no folder"));
      }
      NEXUS_ASSIGN_OR_RETURN(const SchemaFolder before,
                             SchemaFolder::Read(Below(request.against, kPart)));
      return judge.Compare(before);
    }
    if (!request.against_git.empty()) {
      NEXUS_ASSIGN_OR_RETURN(const SchemaFolder before, ReadRevision(session, request));
      return judge.Compare(before);
    }
    if (request.registered) return judge.CompareWithServer();
    if (!now.files().empty()) {
      result.notes.emplace_back(
          "schemas are compared with nothing: say --against, --against-git or --registered");
    }
    return absl::OkStatus();
  }
};

}  // namespace

std::unique_ptr<FolderCheck> NewSchemaCheck() { return std::make_unique<SchemaCheck>(); }

}  // namespace nexus::cli
