// nexusctl import

#include <filesystem>
#include <fstream>
#include <optional>

#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/importer.h"
#include "cli/json.h"
#include "cli/print_error.h"
#include "cli/progress.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

struct ImportFlags {
  std::string source;
  std::string format = "jsonl";
  std::string on_error = "stop";
  std::string cursor;
  std::string report;
  uint64_t batch = 500;
};

class RemoteTarget : public ImportTarget {
 public:
  explicit RemoteTarget(client::Client& client) : client_(client) {}

  absl::StatusOr<CommitReceipt> Append(const client::CommitDraft& draft) override {
    return client_.Append(draft);
  }
  absl::StatusOr<client::PolicyVerdict> Check(const client::CommitDraft& draft) override {
    return client_.CheckPolicy(draft);
  }

 private:
  client::Client& client_;
};

absl::StatusOr<ImportOptions> ToImportOptions(const ImportFlags& options) {
  ImportOptions out;
  if (options.format == "cloudevents") {
    out.format = ImportFormat::kCloudEvents;
  } else if (options.format != "jsonl") {
    return UsageError(
        absl::StrCat("--format is jsonl or cloudevents, not \"", options.format, "\""));
  }
  if (options.on_error != "stop" && options.on_error != "skip") {
    return UsageError(absl::StrCat("--on-error is stop or skip, not \"", options.on_error, "\""));
  }
  out.skip_errors = options.on_error == "skip";
  if (options.batch < 1 || options.batch > 10'000) return UsageError("--batch is 1 to 10000");
  out.batch_size = options.batch;
  return out;
}

// What is left out: a line each in the report file, the first ones on standard error.
class ProblemLog {
 public:
  ProblemLog(std::ostream& err, bool quiet) : err_(err), quiet_(quiet) {}

  absl::Status Open(const std::string& path) {
    if (path.empty()) return absl::OkStatus();
    file_.open(path, std::ios::trunc);
    if (!file_) return MakeError(ErrorReason::kInternal, absl::StrCat("cannot write ", path));
    return absl::OkStatus();
  }

  void Add(const ImportProblem& problem) {
    if (file_.is_open()) {
      JsonObject json;
      json.Number("line", problem.line).Raw("error", ErrorJson(problem.status));
      file_ << json.Take() << std::endl;
    }
    if (quiet_ || ++shown_ > kShownMax) return;
    err_ << "line " << problem.line << ": " << ReasonText(problem.status) << ": "
         << std::string(problem.status.message()) << '\n';
    const ErrorDetails details = DetailsOf(problem.status);
    for (const Violation& v : details.violations) {
      err_ << "  " << v.pointer << ": " << v.keyword << ": " << v.message << '\n';
    }
    if (shown_ == kShownMax) err_ << "more follow, but are not shown; see --report\n";
  }

 private:
  static constexpr int kShownMax = 20;

  std::ostream& err_;
  const bool quiet_;
  std::ofstream file_;
  int shown_ = 0;
};

std::string ReportJson(const ImportReport& report) {
  JsonObject json;
  json.Number("lines", report.lines).Number("batches", report.batches);
  json.Number("stored", report.stored).Number("repeated", report.repeated);
  json.Number("skipped", report.skipped).Number("last_position", report.last.value);
  return json.Take();
}

void PrintReport(Session& session, const ImportReport& report) {
  PrintObject(session.out(), session.style(),
              {{"lines", absl::StrCat(report.lines)},
               {"batches", absl::StrCat(report.batches)},
               {"stored", absl::StrCat(report.stored)},
               {"of them before", absl::StrCat(report.repeated)},
               {"skipped", absl::StrCat(report.skipped)},
               {"last position", absl::StrCat(report.last.value)}},
              ReportJson(report));
}

ImportCursor ToCursor(const ImportFlags& options, const ImportReport& report,
                      const std::string& prefix_digest) {
  return {options.format, options.batch, report.bytes,   report.lines,
          report.batches, report.stored, report.skipped, prefix_digest};
}

absl::Status ResumeFrom(Session& session, const ImportFlags& options, Importer& importer,
                        std::istream& in) {
  if (options.cursor.empty()) return absl::OkStatus();
  NEXUS_ASSIGN_OR_RETURN(const std::optional<ImportCursor> cursor, LoadCursor(options.cursor));
  if (!cursor.has_value()) return absl::OkStatus();
  if (cursor->format != options.format) {
    return UsageError(absl::StrCat("the cursor is of an import of ", cursor->format));
  }
  NEXUS_RETURN_IF_ERROR(importer.Resume(in, *cursor));
  session.Note(absl::StrCat("going on after line ", cursor->lines));
  return absl::OkStatus();
}

absl::StatusOr<ExitCode> ImportFrom(Session& session, const ImportFlags& options, std::istream& in,
                                    uint64_t total_bytes) {
  NEXUS_ASSIGN_OR_RETURN(const ImportOptions import, ToImportOptions(options));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  RemoteTarget target(*client);
  ProblemLog problems(session.err(), session.settings().quiet);
  NEXUS_RETURN_IF_ERROR(problems.Open(options.report));
  Progress progress(session.err(), session.surroundings().err_is_terminal, total_bytes,
                    session.clock());
  Importer::Observer observer;
  observer.on_progress = [&](const ImportReport& report, const std::string& prefix_digest) {
    if (!session.settings().quiet) progress.Update(report.bytes, report.stored);
    if (options.cursor.empty()) return absl::OkStatus();
    return SaveCursor(options.cursor, ToCursor(options, report, prefix_digest));
  };
  observer.on_problem = [&](const ImportProblem& problem) {
    progress.End();
    problems.Add(problem);
  };
  observer.should_stop = [&] { return session.stop().requested().load(); };
  Importer importer(target, import, std::move(observer));
  NEXUS_RETURN_IF_ERROR(ResumeFrom(session, options, importer, in));
  const absl::Status status = importer.Run(in);
  progress.End();
  const ImportReport& report = importer.report();
  PrintReport(session, report);
  if (!status.ok()) {
    if (session.stop().requested()) return ExitCode::kInterrupted;
    if (report.stored == 0) return status;
    PrintError(session.err(), session.settings().err, status);
    return ExitCode::kPartial;
  }
  return report.skipped > 0 ? ExitCode::kPartial : ExitCode::kOk;
}

absl::StatusOr<ExitCode> ImportFile(Session& session, const ImportFlags& options) {
  if (options.source == "-") return ImportFrom(session, options, session.in(), 0);
  std::error_code error;
  const uint64_t bytes = std::filesystem::file_size(options.source, error);
  std::ifstream file(options.source, std::ios::binary);
  if (error || !file) {
    return MakeError(ErrorReason::kNotFound,
                     absl::StrCat("cannot read ", options.source, ": ", error.message()));
  }
  return ImportFrom(session, options, file, bytes);
}

}  // namespace

void AddImportCommand(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<ImportFlags>();
  CLI::App* command =
      app.add_subcommand("import", "Store a file of events; again stores nothing twice");
  command->add_option("FILE", options->source, "One JSON object a line; - for standard input")
      ->required();
  command->add_option("--format", options->format, "jsonl or cloudevents")->type_name("FORMAT");
  command->add_option("--batch", options->batch, "Lines a commit; default 500")->type_name("N");
  command->add_option("--on-error", options->on_error, "stop (default) or skip")->type_name("WHAT");
  command->add_option("--cursor", options->cursor, "Keeps how far it came; goes on from there")
      ->type_name("FILE");
  command->add_option("--report", options->report, "Gets a JSON line for each line left out")
      ->type_name("FILE");
  OnChosen(command, chosen, options, ImportFile);
}

}  // namespace nexus::cli
