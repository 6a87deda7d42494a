#include "engine/admission.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "engine/admission_gate.h"
#include "engine/principal_facts.h"
#include "nexus/core/status_macros.h"
#include "policy/enforcement.h"
#include "policy/policy_input.h"
#include "stamp/commit_digest.h"

namespace nexus::engine {
namespace {

std::string RuleList(const std::vector<PolicyDenial>& denials) {
  std::string text;
  for (const PolicyDenial& denial : denials) {
    absl::StrAppend(&text, text.empty() ? "" : "; ", denial.rule, ": ", denial.message);
  }
  return text.empty() ? "no policy allows it" : text;
}

std::vector<std::string> CategoriesOf(const Commit& commit) {
  std::vector<std::string> categories;
  for (const CommitStream& stream : commit.streams) {
    categories.emplace_back(stream.name.category());
  }
  return categories;
}

// For who takes a rule down to shadow or warn and finds it refusing all the same.
constexpr char kAllowDependsOnDeny[] =
    " (only rules that may not refuse yet deny it; `allow` must not depend on `deny` for that)";

}  // namespace

absl::Status DenialStatus(const PolicyAnswer& answer, const Digest128& input) {
  if (answer.allow) return absl::OkStatus();
  const bool ladder = answer.denials.empty() && !answer.outcomes.empty();
  ErrorDetails details;
  details.reason = ErrorReason::kPolicyDenied;
  details.denials = answer.denials;
  details.metadata.emplace_back("policy_revision", answer.revision);
  details.metadata.emplace_back("input_digest", stamp::HexOf(DigestBytes(input)));
  return MakeError(absl::StrCat("denied by policy: ", RuleList(answer.denials),
                                ladder ? kAllowDependsOnDeny : ""),
                   details);
}

absl::Status Verdict::ToStatus() const {
  NEXUS_RETURN_IF_ERROR(DenialStatus(policy, input_digest));
  if (violations.empty() && undeclared.empty()) return absl::OkStatus();
  ErrorDetails details;
  details.violations = violations;
  details.violations.insert(details.violations.end(), undeclared.begin(), undeclared.end());
  const Violation& first = details.violations.front();
  if (violations.empty()) {
    details.reason = ErrorReason::kUndeclaredField;
    return MakeError(absl::StrCat("the event data has fields that its schema does not declare, in ",
                                  undeclared.size(), " place(s); first ", first.field, " at \"",
                                  first.pointer, "\": ", first.message),
                     details);
  }
  details.reason = ErrorReason::kSchemaViolation;
  return MakeError(absl::StrCat("the event data breaks its schema in ", violations.size(),
                                " place(s); first ", first.field, " at \"", first.pointer,
                                "\": ", first.keyword, ": ", first.message),
                   details);
}

Admission::Admission(schema::SchemaRegistry& schemas,
                     std::shared_ptr<const CompiledSchema> any_json, PolicyDecider& policy,
                     Clock& clock, Options options)
    : schemas_(schemas),
      any_json_(std::move(any_json)),
      policy_(policy),
      clock_(clock),
      options_(options) {}

absl::Duration Admission::TimeFor(const Caller& caller, absl::string_view operation) const {
  const bool reads = operation == "read" || operation == "subscribe" || operation == "query";
  return std::min(reads ? options_.policy_query_timeout : options_.policy_timeout,
                  caller.deadline - clock_.Monotonic());
}

void Admission::Decide(Commit commit, const Caller& caller, KeepInput keep, Done done) {
  if (TimeFor(caller, "append") <= absl::ZeroDuration()) {
    done(std::move(commit), DroppedLate());
    return;
  }
  Findings findings{
      {}, {}, {policy_.asks() && options_.policy_sees_data, options_.policy_json_bytes_max}};
  const absl::Status checked = CheckEvents(commit, findings);
  if (!checked.ok()) {
    done(std::move(commit), checked);
    return;
  }
  Verdict verdict = std::move(findings.verdict);
  std::string input;
  if (policy_.asks()) {
    input = policy::AppendInput(
        commit, FactsOf(caller.principal), findings.facts,
        {.include_data = options_.policy_sees_data, .data_json = findings.json.views()});
    verdict.input_digest = stamp::DigestOfText(input);
    if (keep == KeepInput::kYes) verdict.input_json = input;
  }
  // The checks above took their time.
  const absl::Duration timeout = TimeFor(caller, "append");
  if (timeout <= absl::ZeroDuration()) {
    done(std::move(commit), DroppedLate());
    return;
  }
  PolicyQuestion question{"append", std::move(input)};
  if (policy_.asks_by_category()) question.categories = CategoriesOf(commit);
  policy_.Decide(std::move(question), timeout,
                 [commit = std::move(commit), verdict = std::move(verdict),
                  done = std::move(done)](absl::StatusOr<PolicyAnswer> answer) mutable {
                   if (!answer.ok()) {
                     done(std::move(commit), answer.status());
                     return;
                   }
                   policy::Enforce("append", ShareKey(commit.id.AsBytes()), *answer);
                   verdict.policy = *std::move(answer);
                   done(std::move(commit), std::move(verdict));
                 });
}

absl::Status Admission::CheckEvents(Commit& commit, Findings& findings) const {
  std::vector<uint32_t> in_stream(commit.streams.size(), 0);
  findings.facts.reserve(commit.events.size());
  std::optional<Rule> rule;
  for (CommitEvent& entry : commit.events) {
    const EventPlace place{entry.stream_index, in_stream[entry.stream_index]++};
    const schema::SchemaRecord* const before = rule.has_value() ? rule->record.get() : nullptr;
    FindRule(commit, entry, rule);
    if (rule->classified != nullptr && rule->record.get() != before) {
      findings.classified.push_back(rule->record);
    }
    NEXUS_RETURN_IF_ERROR(CheckEvent(*rule, place, entry.event, findings));
  }
  return absl::OkStatus();
}

void Admission::FindRule(const Commit& commit, const CommitEvent& entry,
                         std::optional<Rule>& rule) const {
  const Event& event = entry.event;
  if (rule.has_value() && rule->stream_index == entry.stream_index && rule->type == event.type &&
      rule->asked_version == event.schema_version) {
    return;
  }
  const absl::string_view category = commit.streams[entry.stream_index].name.category();
  rule =
      Rule{entry.stream_index, event.type, event.schema_version,
           schemas_.Find(event.type, event.schema_version),
           schemas_.SchemaRequired(category) && !options_.optional_categories.contains(category)};
  if (rule->record != nullptr) {
    rule->undeclared = schemas_.catalog().UndeclaredFieldsOf(event.type, rule->record->format);
    const ClassifiedFields& classified = rule->record->compiled->Classified();
    if (!classified.fields.empty() && policy_.asks()) rule->classified = &classified;
  }
}

absl::Status Admission::CheckEvent(const Rule& rule, const EventPlace& place, Event& event,
                                   Findings& findings) const {
  const schema::SchemaRecord* const record = rule.record.get();
  if (record == nullptr && (rule.required || event.schema_version != 0)) {
    return NotRegistered(place, event);
  }
  findings.facts.push_back(
      {record != nullptr, record ? record->version : 0, rule.required, rule.classified});
  event.schema_version = record ? record->version : 0;
  const SchemaFormat format = record ? record->format : SchemaFormat::kJsonSchema;
  if (event.content_type.empty()) event.content_type = std::string(ContentTypeOf(format));
  if (!FitsContentType(format, event.content_type)) {
    findings.json.AddNone();
    return record == nullptr ? absl::OkStatus() : OtherContentType(place, event, format);
  }
  if (findings.verdict.violations.size() >= options_.violations_max) {
    findings.json.AddNone();  // it was not looked at, and is not stored
    return absl::OkStatus();
  }
  return CheckData(rule, format, place, event, findings);
}

absl::Status Admission::CheckData(const Rule& rule, SchemaFormat format, const EventPlace& place,
                                  const Event& event, Findings& findings) const {
  const CompiledSchema& schema = rule.record ? *rule.record->compiled : *any_json_;
  const size_t room = options_.violations_max - findings.verdict.violations.size();
  DataFindings found;
  if (rule.undeclared == UndeclaredFields::kAllow) {
    absl::StatusOr<std::vector<Violation>> violations = schema.Validate(event.data, room);
    if (!violations.ok()) return MalformedData(place, violations.status());
    found.violations = *std::move(violations);
  } else {
    absl::StatusOr<DataFindings> all = schema.Inspect(event.data, room, options_.violations_max);
    if (!all.ok()) return MalformedData(place, all.status());
    found = *std::move(all);
  }
  if (found.violations.empty()) {
    const absl::Status shown = findings.json.Add(schema, format, event.data);
    if (!shown.ok()) return MalformedData(place, shown);
  } else {
    findings.json.AddNone();
  }
  if (!found.violations.empty() || !found.undeclared.empty()) {
    Take(rule, place, std::move(found), findings.verdict);
  }
  return absl::OkStatus();
}

void Admission::Take(const Rule& rule, const EventPlace& place, DataFindings found,
                     Verdict& verdict) const {
  const auto move_to = [&](std::vector<Violation>& from, std::vector<Violation>& to) {
    for (Violation& violation : from) {
      if (to.size() >= options_.violations_max) return;
      violation.field = absl::StrCat(place.ToString(), ".data");
      to.push_back(std::move(violation));
    }
  };
  move_to(found.violations, verdict.violations);
  if (found.undeclared.empty()) return;
  const bool rejects = rule.undeclared == UndeclaredFields::kReject;
  ++(rejects ? verdict.events_rejected : verdict.events_warned);
  move_to(found.undeclared, rejects ? verdict.undeclared : verdict.warnings);
}

std::string Admission::EventPlace::ToString() const {
  return absl::StrCat("streams[", stream, "].events[", event, "]");
}

absl::Status Admission::NotRegistered(const EventPlace& place, const Event& event) const {
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaNotRegistered;
  details.metadata.emplace_back("subject", event.type);
  details.metadata.emplace_back("version", absl::StrCat(event.schema_version));
  const auto latest = schemas_.Find(event.type, 0);
  if (latest != nullptr) {
    return MakeError(absl::StrCat(place.ToString(), ": schema ", event.type, " has no version ",
                                  event.schema_version, "; the latest is ", latest->version),
                     details);
  }
  return MakeError(absl::StrCat(place.ToString(), ": no schema is registered for type ", event.type,
                                "; register one (nexusctl schema register ", event.type,
                                " FILE) or set the category to optional"),
                   details);
}

absl::Status Admission::OtherContentType(const EventPlace& place, const Event& event,
                                         SchemaFormat format) const {
  const std::string wanted(ContentTypeOf(format));
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedRequest;
  details.violations.push_back({absl::StrCat(place.ToString(), ".content_type"), "", "", wanted,
                                event.content_type,
                                absl::StrCat("the schema's format is ", SchemaFormatName(format))});
  return MakeError(
      absl::StrCat(place.ToString(), ": events of type ", event.type, " have a schema of format ",
                   SchemaFormatName(format), "; content_type must be ", wanted),
      details);
}

absl::Status Admission::MalformedData(const EventPlace& place, const absl::Status& why) const {
  ErrorDetails details = DetailsOf(why);
  if (details.violations.empty()) details.violations.emplace_back();
  for (Violation& violation : details.violations) {
    violation.field = absl::StrCat(place.ToString(), ".data");
    if (violation.message.empty()) violation.message = std::string(why.message());
  }
  return MakeError(absl::StrCat(place.ToString(), ".data: ", why.message()), details);
}

}  // namespace nexus::engine
