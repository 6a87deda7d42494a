#include "cli/print_error.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "cli/exit_code.h"
#include "cli/json.h"
#include "nexus/core/errors.h"

namespace nexus::cli {
namespace {

std::string RevisionText(const std::optional<Revision>& revision) {
  return revision.has_value() ? absl::StrCat(revision->value) : "no_stream";
}

std::string ViolationLine(const Violation& v) {
  std::string line = absl::StrCat("  ", v.field);
  if (!v.pointer.empty()) absl::StrAppend(&line, " at ", v.pointer);
  if (!v.keyword.empty()) absl::StrAppend(&line, ": ", v.keyword);
  if (!v.message.empty()) absl::StrAppend(&line, ": ", v.message);
  if (!v.expected.empty()) absl::StrAppend(&line, "; expected ", v.expected);
  if (!v.actual.empty()) absl::StrAppend(&line, "; actual ", v.actual);
  return line;
}

std::string ViolationJson(const Violation& v) {
  JsonObject json;
  json.Text("field", v.field).Text("pointer", v.pointer).Text("keyword", v.keyword);
  json.Text("expected", v.expected).Text("actual", v.actual).Text("message", v.message);
  return json.Take();
}

std::string ExpectationJson(const FailedExpectation& failed) {
  JsonObject json;
  json.Text("stream", failed.stream).Text("expected", failed.expected.ToString());
  json.Text("actual", RevisionText(failed.actual));
  return json.Take();
}

std::string ConditionJson(const FailedCondition& failed) {
  JsonObject json;
  json.Number("index", failed.index).Number("position", failed.position.value);
  return json.Take();
}

std::string TakenIdJson(const TakenEventId& taken) {
  JsonObject json;
  json.Text("stream", taken.stream).Text("event_id", taken.id.ToString());
  json.Number("revision", taken.revision.value);
  return json.Take();
}

std::string DenialJson(const PolicyDenial& denial) {
  JsonObject json;
  json.Text("rule", denial.rule).Text("message", denial.message);
  return json.Take();
}

template <typename Items, typename Convert>
std::string ArrayOf(const Items& items, Convert convert) {
  std::vector<std::string> texts;
  texts.reserve(items.size());
  for (const auto& item : items) texts.push_back(convert(item));
  return JsonArray(texts);
}

}  // namespace

std::string ReasonText(const absl::Status& status) {
  if (IsUsageError(status)) return "USAGE";
  const absl::string_view name = ReasonName(ReasonOf(status));
  return std::string(name);
}

std::string NextStep(const absl::Status& status) {
  if (IsUsageError(status)) return "run the command with --help";
  switch (ReasonOf(status)) {
    case ErrorReason::kNotReady:
      return "check that nexusd runs, that --server (or NEXUS_SERVER) names its gRPC address, and "
             "whether it is encrypted (--ca, --tls)";
    case ErrorReason::kOutcomeUnknown:
    case ErrorReason::kDeadlineExceeded:
      return "send it again with the same --commit-id; nothing is stored twice";
    case ErrorReason::kSchemaNotRegistered:
      return "nexusctl schema register TYPE FILE, or nexusctl category set CATEGORY "
             "--schema-mode optional";
    case ErrorReason::kSchemaViolation:
      return "mend the data; nexusctl schema get TYPE shows the schema, nexusctl schema validate "
             "TYPE FILE tries it";
    case ErrorReason::kUndeclaredField:
      return "mend the name, declare the field in a new version, or nexusctl schema undeclared set "
             "WARN TYPE";
    case ErrorReason::kCommandNotDeclared:
      return "nexusctl domain ls shows what is applied; nexusctl apply -f DIR applies a domain";
    case ErrorReason::kCommandRejected:
      return "the domain says no in the state that the aggregate is in now";
    case ErrorReason::kDomainCodeFailed:
      return "mend the domain's code; nexusctl script test runs its cases";
    case ErrorReason::kHandlerUnavailable:
      return "start a worker that decides this aggregate, and send the same command id again";
    case ErrorReason::kPolicyDenied:
      return "nexusctl policy check tries an event without storing it; the policies are the "
             "operator's";
    case ErrorReason::kPolicyUnavailable:
      return "nothing was stored; try again, and look at nexusctl status";
    case ErrorReason::kRevisionConflict:
      return "read the stream, decide again, and append with the revision that is there now";
    case ErrorReason::kAppendConditionFailed:
      return "read what matches, decide again, and append with --after the position read up to";
    case ErrorReason::kIdReused:
      return "use a new id for a new commit";
    case ErrorReason::kEventIdTaken:
      return "the event is stored already; use a new id for another event";
    case ErrorReason::kUnauthenticated:
      return "give a token the server knows with --token-file or NEXUS_TOKEN";
    case ErrorReason::kStreamNotFound:
      return "nexusctl stream ls lists the streams";
    default:
      break;
  }
  const std::string reason = ReasonText(status);
  return reason == "UNSPECIFIED" ? "nexusctl status"
                                 : absl::StrCat("nexusctl errors explain ", reason);
}

std::string ErrorJson(const absl::Status& status) {
  const ErrorDetails details = DetailsOf(status);
  JsonObject json;
  json.Text("reason", ReasonText(status)).Text("message", status.message());
  json.Number("exit_code", static_cast<uint64_t>(ExitCodeOf(status)));
  json.Raw("violations", ArrayOf(details.violations, ViolationJson));
  json.Raw("denials", ArrayOf(details.denials, DenialJson));
  json.Raw("failed_expectations", ArrayOf(details.failed_expectations, ExpectationJson));
  json.Raw("failed_conditions", ArrayOf(details.failed_conditions, ConditionJson));
  json.Raw("taken_event_ids", ArrayOf(details.taken_event_ids, TakenIdJson));
  JsonObject metadata;
  for (const auto& [key, value] : details.metadata) metadata.Text(key, value);
  json.Raw("metadata", metadata.Take());
  if (details.retry_after.has_value()) {
    json.Real("retry_after_ms", absl::ToDoubleMilliseconds(*details.retry_after));
  }
  json.Text("next", NextStep(status));
  return json.Take();
}

void PrintError(std::ostream& err, OutputStyle style, const absl::Status& status) {
  if (style.format != Format::kTable) {
    JsonObject json;
    json.Raw("error", ErrorJson(status));
    err << json.Take() << std::endl;
    return;
  }
  const ErrorDetails details = DetailsOf(status);
  err << (style.color ? "\x1b[31merror:\x1b[0m " : "error: ") << ReasonText(status) << ": "
      << std::string(status.message()) << '\n';
  for (const Violation& v : details.violations) err << ViolationLine(v) << '\n';
  for (const PolicyDenial& d : details.denials) err << "  " << d.rule << ": " << d.message << '\n';
  for (const FailedExpectation& f : details.failed_expectations) {
    err << "  stream " << f.stream << ": expected " << f.expected.ToString() << "; actual "
        << RevisionText(f.actual) << '\n';
  }
  for (const FailedCondition& f : details.failed_conditions) {
    err << "  condition " << f.index << ": the event at position " << f.position.value
        << " matches\n";
  }
  for (const TakenEventId& t : details.taken_event_ids) {
    err << "  stream " << t.stream << " has event id " << t.id.ToString() << " at revision "
        << t.revision.value << '\n';
  }
  for (const auto& [key, value] : details.metadata) {
    if (key == "violations_left_out") err << "  and " << value << " more\n";
    if (key == "decision_id") err << "  decision " << value << '\n';
    // Of a domain that rejects a command.
    if (key == "details") err << "  details " << Printable(value, 1'000) << '\n';
  }
  if (details.retry_after.has_value()) {
    err << "  the server asks to wait " << absl::FormatDuration(*details.retry_after) << '\n';
  }
  err << "next: " << NextStep(status) << std::endl;
}

}  // namespace nexus::cli
