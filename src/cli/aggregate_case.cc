#include "cli/aggregate_case.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "cli/upcaster_case.h"
#include "command/aggregate_code.h"
#include "command/command_view.h"
#include "command/decision.h"
#include "command/event_view.h"
#include "domain/upcast/script_runner.h"
#include "identity/principal.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::cli {
namespace {

constexpr script::ContextLimits kAggregateRoom{.heap_bytes_max = 256 << 20};
constexpr int64_t kSomeTime = 946'684'800'000'000;  // 2000-01-01

// Metadata in the order in which they are compared.
std::string MetadataText(TextPairs metadata) {
  std::sort(metadata.begin(), metadata.end());
  return absl::StrCat("{",
                      absl::StrJoin(metadata, ",",
                                    [](std::string* out, const auto& pair) {
                                      absl::StrAppend(out, JsonString(pair.first), ":",
                                                      JsonString(pair.second));
                                    }),
                      "}");
}

class AggregateCase {
 public:
  AggregateCase(LocalDomain& local, std::shared_ptr<const domain::AggregateRecord> record,
                const ScriptCase& one, const script::CallLimits& limits)
      : local_(local), record_(std::move(record)), case_(one), limits_(limits) {}

  CaseVerdict Run() {
    const absl::Status ran = Go();
    const std::string then = case_.pointer + "/then";
    if (!case_.then.error.empty()) {
      if (!ran.ok() && absl::StrContains(ran.message(), case_.then.error)) return {};
      return Differs("the error", case_.then.error,
                     ran.ok() ? OutcomeText() : std::string(ran.message()), then + "/error");
    }
    if (!ran.ok()) return {.failure = std::string(ran.message()), .pointer = then};
    CaseVerdict verdict = CompareDecision(then);
    if (!verdict.failure.empty() || case_.then.state.empty()) return verdict;
    return CompareState(then + "/state");
  }

 private:
  absl::Status Go() {
    NEXUS_ASSIGN_OR_RETURN(context_, local_.scripts().NewContext(kAggregateRoom));
    NEXUS_ASSIGN_OR_RETURN(code_, command::AggregateCode::Load(*context_, record_, limits_));
    NEXUS_ASSIGN_OR_RETURN(state_, code_->Begin());
    NEXUS_RETURN_IF_ERROR(FoldGiven());
    if (case_.when.has_value()) NEXUS_RETURN_IF_ERROR(Decide(*case_.when));
    if (case_.then.state.empty()) return absl::OkStatus();
    NEXUS_ASSIGN_OR_RETURN(const std::string state, code_->StateJson(*state_));
    NEXUS_ASSIGN_OR_RETURN(state_json_, local_.json().Canonical(state));
    return absl::OkStatus();
  }

  RecordedEvent EventAt(absl::string_view type, absl::string_view data, const TextPairs& metadata,
                        std::optional<Timestamp> recorded) {
    RecordedEvent event;
    event.id = DeriveEventId(CommitId(), static_cast<uint32_t>(folded_));
    event.revision = Revision(folded_);
    event.position = Position(folded_ + 1);
    event.recorded = recorded.value_or(Now());
    event.content_type = kJsonContentType;
    event.stream = stream_;
    event.type = type;
    event.data = data;
    for (const auto& [key, value] : metadata) event.metadata.emplace_back(key, value);
    ++folded_;
    return event;
  }

  Timestamp Now() const {
    const bool told = case_.when.has_value() && case_.when->now.has_value();
    return told ? *case_.when->now : Timestamp{kSomeTime};
  }

  absl::Status FoldGiven() {
    EventBatch batch;
    for (const CaseEvent& given : case_.given) {
      RecordedEvent event = EventAt(given.type, given.data, given.metadata, given.recorded);
      const schema::SchemaRecordPtr latest = local_.catalog().Find(given.type, 0);
      event.schema_version = given.version != 0  ? given.version
                             : latest == nullptr ? 0
                                                 : latest->version;
      NEXUS_RETURN_IF_ERROR(CheckCaseData(local_, given.type, event.schema_version, given.data));
      batch.events.push_back(std::move(event));
    }
    domain::ScriptRunner runner(*context_, limits_, nullptr);
    const schema::SchemaView latest{.latest = true};
    NEXUS_RETURN_IF_ERROR(
        local_.evolution().Try(latest, *domain::StepsOf(*local_.state()), {}, batch, runner));
    return Fold(batch.events);
  }

  absl::Status Fold(const std::vector<RecordedEvent>& events) {
    if (events.empty()) return absl::OkStatus();
    std::string views = "[";
    for (const RecordedEvent& event : events) {
      if (views.size() > 1) views.push_back(',');
      command::AppendEventView(views, event);
    }
    views.push_back(']');
    NEXUS_ASSIGN_OR_RETURN(state_, code_->Fold(*state_, views, events.size()));
    return absl::OkStatus();
  }

  absl::Status Decide(const CaseCommand& when) {
    const domain::AggregateDeclaration& aggregate = record_->declaration;
    if (std::find(aggregate.commands.begin(), aggregate.commands.end(), when.type) ==
        aggregate.commands.end()) {
      return MakeError(ErrorReason::kCommandNotDeclared,
                       absl::StrCat("COMMAND_NOT_DECLARED: ", aggregate.name,
                                    " takes no commands of the type ", when.type));
    }
    const schema::SchemaRecordPtr schema = local_.catalog().Find(when.type, 0);
    if (schema != nullptr) {
      NEXUS_RETURN_IF_ERROR(CheckCaseData(local_, when.type, schema->version, when.data));
    }
    NEXUS_ASSIGN_OR_RETURN(const JsonMember id,
                           local_.json().ReadAt(when.data, aggregate.id_pointer));
    identity::Principal principal;
    if (!when.principal.empty()) principal.name = when.principal;
    principal.roles = when.roles;
    command::CommandDraft draft;
    draft.type = when.type;
    draft.data = when.data;
    draft.metadata = when.metadata;
    const std::string context = command::ContextView({.now = Now(),
                                                      .aggregate_id = id.text,
                                                      .correlation_id = when.correlation_id,
                                                      .causation_id = when.causation_id,
                                                      .principal = &principal},
                                                     when.id);
    NEXUS_ASSIGN_OR_RETURN(const std::string text,
                           code_->Decide(*state_, command::CommandView(draft, when.id), context));
    NEXUS_ASSIGN_OR_RETURN(decision_, command::ReadDecision(text, aggregate, local_.json()));
    return FoldDecided(when);
  }

  absl::Status FoldDecided(const CaseCommand& when) {
    std::vector<RecordedEvent> events;
    for (command::DecidedEvent& event : decision_.events) {
      const schema::SchemaRecordPtr schema = local_.catalog().Find(event.type, 0);
      if (schema != nullptr) {
        NEXUS_RETURN_IF_ERROR(CheckCaseData(local_, event.type, schema->version, event.data));
      }
      NEXUS_ASSIGN_OR_RETURN(event.data, local_.json().Canonical(event.data));
      // What the command brought is added where the code says nothing, as the server does.
      TextPairs metadata = event.metadata;
      for (const auto& [key, value] : when.metadata) {
        const bool has =
            std::any_of(metadata.begin(), metadata.end(),
                        [&, name = key](const auto& own) { return own.first == name; });
        if (!has) metadata.emplace_back(key, value);
      }
      event.metadata = std::move(metadata);
      events.push_back(EventAt(event.type, event.data, event.metadata, std::nullopt));
    }
    return Fold(events);
  }

  std::string OutcomeText() const {
    if (decision_.rejection.has_value()) {
      return absl::StrCat("rejected: ", decision_.rejection->reason);
    }
    if (decision_.events.empty()) return "no event";
    return absl::StrJoin(decision_.events, ", ",
                         [](std::string* out, const command::DecidedEvent& event) {
                           absl::StrAppend(out, event.type, " ", event.data);
                         });
  }

  CaseVerdict CompareDecision(const std::string& then) {
    const CaseOutcome& wanted = case_.then;
    const auto& rejection = decision_.rejection;
    if (wanted.rejection.has_value()) {
      if (!rejection.has_value() || rejection->reason != *wanted.rejection) {
        return Differs("the outcome", "rejected: " + *wanted.rejection, OutcomeText(),
                       then + "/rejected");
      }
      const auto details = local_.json().Canonical(rejection->details);
      if (wanted.details.empty() || (details.ok() && *details == wanted.details)) return {};
      return Differs("the details", wanted.details, details.value_or(rejection->details),
                     then + "/rejected/details");
    }
    if (rejection.has_value()) return {.failure = OutcomeText(), .pointer = then};
    return wanted.events.has_value() ? CompareEvents(*wanted.events, then + "/events")
                                     : CaseVerdict();
  }

  CaseVerdict CompareEvents(const std::vector<CaseEvent>& wanted, const std::string& pointer) {
    const size_t common = std::min(wanted.size(), decision_.events.size());
    for (size_t i = 0; i < common; ++i) {
      const command::DecidedEvent& event = decision_.events[i];
      const std::string what = absl::StrCat("event ", i);
      const std::string& place = wanted[i].pointer;
      if (event.type != wanted[i].type) {
        return Differs(what, wanted[i].type, event.type, place + "/type");
      }
      if (event.data != wanted[i].data) {
        return Differs(what, wanted[i].data, event.data, place + "/data");
      }
      if (wanted[i].metadata.empty()) continue;
      const std::string expected = MetadataText(wanted[i].metadata);
      const std::string actual = MetadataText(event.metadata);
      if (expected != actual) {
        return Differs(what + "'s metadata", expected, actual, place + "/metadata");
      }
    }
    if (wanted.size() == decision_.events.size()) return {};
    return Differs("the number of events", absl::StrCat(wanted.size()),
                   absl::StrCat(decision_.events.size(), " (", OutcomeText(), ")"), pointer);
  }

  CaseVerdict CompareState(const std::string& pointer) const {
    if (state_json_ == case_.then.state) return {};
    return Differs("the state", case_.then.state, state_json_, pointer);
  }

  LocalDomain& local_;
  const std::shared_ptr<const domain::AggregateRecord> record_;
  const std::string stream_ = record_->declaration.category + "-1";  // for errors
  const ScriptCase& case_;
  const script::CallLimits limits_;
  std::unique_ptr<script::ScriptContext> context_;
  std::unique_ptr<command::AggregateCode> code_;  // goes before its context
  command::StateValue state_;                     // goes before its code
  uint64_t folded_ = 0;
  command::Decision decision_;
  std::string state_json_;
};

}  // namespace

CaseVerdict RunAggregateCase(LocalDomain& local,
                             std::shared_ptr<const domain::AggregateRecord> record,
                             const ScriptCase& one, const script::CallLimits& limits) {
  return AggregateCase(local, std::move(record), one, limits).Run();
}

}  // namespace nexus::cli
