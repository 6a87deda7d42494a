// nexusctl schema validate

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "cli/event_text.h"
#include "cli/files.h"
#include "cli/instance_check.h"
#include "cli/instances.h"
#include "cli/json.h"
#include "cli/local_schema.h"
#include "cli/report_options.h"
#include "cli/schema_draft.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/undeclared_fields.h"

namespace nexus::cli {
namespace {

struct ValidateOptions {
  std::string subject;             // with `schema`: the first instance
  std::vector<std::string> files;  // the data; with `schema`: further instances
  uint32_t version = 0;
  // What follows is for a schema from a file.
  std::string schema;
  DefinitionOptions definition;
  bool lines = false;
  std::string undeclared;
  uint64_t violations_max = 1'000;
  ReportOptions report;
};

absl::StatusOr<ExitCode> ValidateByServer(Session& session, const ValidateOptions& options) {
  if (options.files.size() != 1) {
    return UsageError("schema validate takes SUBJECT FILE, or --schema FILE INSTANCE...");
  }
  NEXUS_ASSIGN_OR_RETURN(const std::string data, ReadSource(options.files[0], session.in()));
  NEXUS_ASSIGN_OR_RETURN(client::Client * client, session.Connect());
  NEXUS_ASSIGN_OR_RETURN(client::Validation result,
                         client->ValidateData(options.subject, options.version, data));
  JsonObject json;
  json.Text("subject", options.subject).Number("version", result.version);
  json.Bool("valid", result.valid);
  PrintObject(session.out(), session.style(),
              {{"subject", options.subject},
               {"version", absl::StrCat(result.version)},
               {"valid", result.valid ? "yes" : "no"}},
              json.Take());
  for (const Violation& warning : result.warnings) {
    session.Note(absl::StrCat("warning: ", Printable(warning.message, 300)));
  }
  if (result.valid) return ExitCode::kOk;
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaViolation;
  details.violations = std::move(result.violations);
  return MakeError(
      absl::StrCat("the data breaks version ", result.version, " of ", options.subject), details);
}

absl::StatusOr<InstanceFiles> InstancesOf(const ValidateOptions& options, SchemaFormat format) {
  InstanceFiles from;
  from.files = {options.subject};
  from.files.insert(from.files.end(), options.files.begin(), options.files.end());
  from.lines = options.lines;
  // A binary document may hold any byte, so a line is nothing there.
  from.lines_by_name = format == SchemaFormat::kJsonSchema;
  if (options.lines && !from.lines_by_name) {
    return UsageError("--lines is for JSON; an Avro or Protobuf document is a file of its own");
  }
  const auto dashes = std::count(from.files.begin(), from.files.end(), "-");
  if (dashes + (options.schema == "-" ? 1 : 0) > 1) {
    return UsageError("standard input can be read once, and \"-\" names it twice");
  }
  return from;
}

ReportedFinding ViolationFinding(const InstanceViolation& found) {
  ReportedFinding finding;
  finding.rule = found.violation.keyword.empty() ? "SCHEMA_VIOLATION" : found.violation.keyword;
  finding.message = found.violation.message;
  finding.file = found.file;
  finding.line = found.line;
  finding.path = found.violation.pointer;
  finding.old_value = found.violation.expected;
  finding.new_value = found.violation.actual;
  return finding;
}

// Prints each violation where standard output is for it, and keeps it where a report will want it.
class ViolationSink {
 public:
  ViolationSink(Session& session, const ReportOptions& options)
      : session_(session),
        prints_(!ReportTakesOutput(options)),
        keeps_(!prints_ || !options.file.empty()),
        listing_(session.out(), session.style(), {}) {}

  void Take(const InstanceViolation& found) {
    if (keeps_) findings_.push_back(ViolationFinding(found));
    if (!prints_) return;
    if (session_.style().format == Format::kTable) {
      session_.out() << ViolationText(found) << std::endl;
      return;
    }
    listing_.Add([] { return std::vector<std::string>(); },
                 [&] { return InstanceViolationJson(found); });
  }
  void End() {
    if (prints_ && session_.style().format != Format::kTable) listing_.End();
  }
  std::vector<ReportedFinding> TakeFindings() { return std::move(findings_); }

 private:
  Session& session_;
  const bool prints_;
  const bool keeps_;
  Listing listing_;
  std::vector<ReportedFinding> findings_;  // at most --max-violations
};

void NoteCounts(Session& session, const InstanceCounts& counts, bool is_full) {
  std::string text = absl::StrCat(
      counts.documents, counts.documents == 1 ? " document, " : " documents, ", counts.invalid,
      " invalid, ", counts.violations, counts.violations == 1 ? " violation" : " violations");
  if (is_full) absl::StrAppend(&text, "; ended there, as --max-violations says");
  session.Note(text);
}

absl::StatusOr<ExitCode> ValidateByFile(Session& session, const ValidateOptions& options) {
  NEXUS_RETURN_IF_ERROR(CheckReportOptions(options.report));
  NEXUS_ASSIGN_OR_RETURN(const SchemaFormat format, FormatOf(options.definition, options.schema));
  NEXUS_ASSIGN_OR_RETURN(const InstanceFiles from, InstancesOf(options, format));
  UndeclaredFields undeclared = UndeclaredFields::kByFormat;
  ParseUndeclaredFields(absl::AsciiStrToUpper(options.undeclared), undeclared);
  undeclared = ResolveUndeclaredFields(undeclared, format);
  NEXUS_ASSIGN_OR_RETURN(const auto references, ReadFileReferences(options.definition.references));
  NEXUS_ASSIGN_OR_RETURN(const std::string definition, ReadSource(options.schema, session.in()));
  const LocalLanguage language = LanguageOf(format);
  NEXUS_ASSIGN_OR_RETURN(const auto schema,
                         CompileNamed(language, options.schema, definition, references));
  ViolationSink sink(session, options.report);
  InstanceCheck check(*schema, undeclared == UndeclaredFields::kReject, options.violations_max,
                      [&](const InstanceViolation& found) { sink.Take(found); });
  const auto take = [&](const Instance& instance) -> absl::StatusOr<bool> {
    if (session.stop().requested()) return MakeError(ErrorReason::kCancelled, "interrupted");
    NEXUS_RETURN_IF_ERROR(check.Take(instance));
    return !check.is_full();
  };
  NEXUS_RETURN_IF_ERROR(ForEachInstance(from, session.in(), take));
  sink.End();
  NEXUS_RETURN_IF_ERROR(
      DeliverReport(session, options.report, {"schema validate", from.files, sink.TakeFindings()}));
  NoteCounts(session, check.counts(), check.is_full());
  return check.counts().invalid == 0 ? ExitCode::kOk : ExitCode::kViolation;
}

absl::StatusOr<ExitCode> ValidateInstances(Session& session, const ValidateOptions& options) {
  return options.schema.empty() ? ValidateByServer(session, options)
                                : ValidateByFile(session, options);
}

}  // namespace

void AddValidateCommand(CLI::App& schema, Chosen& chosen) {
  auto options = std::make_shared<ValidateOptions>();
  CLI::App* command = schema.add_subcommand(
      "validate", "Check data against a registered schema, or files against a file");
  command->add_option("SUBJECT", options->subject, "Event type; with --schema a file of data")
      ->required();
  command->add_option("FILE", options->files, "The data; - for standard input");
  CLI::Option* version =
      command->add_option("--version", options->version, "Default the latest")->type_name("N");
  CLI::Option* file =
      command->add_option("--schema", options->schema, "A file instead of a subject: no server")
          ->type_name("FILE")
          ->excludes(version);
  AddFileDefinitionOptions(command, options->definition);
  command
      ->add_flag("--lines", options->lines,
                 "A document a line; default for files in .jsonl and .ndjson")
      ->needs(file);
  command
      ->add_option("--undeclared", options->undeclared,
                   "ALLOW or REJECT fields that the schema does not declare; default as its format")
      ->check(CLI::IsMember({"ALLOW", "REJECT"}, CLI::ignore_case))
      ->type_name("SETTING")
      ->needs(file);
  command
      ->add_option("--max-violations", options->violations_max, "Ends after so many; default 1000")
      ->check(CLI::Range(uint64_t{1}, uint64_t{1'000'000}))
      ->type_name("N")
      ->needs(file);
  AddReportOptions(command, options->report);
  for (const char* name : {"--format", "--reference", "--report", "--report-file"}) {
    command->get_option(name)->needs(file);
  }
  OnChosenReaching(command, chosen, options, ValidateInstances, [](const ValidateOptions& given) {
    return given.schema.empty() ? Reach::kServer : Reach::kLocal;
  });
}

}  // namespace nexus::cli
