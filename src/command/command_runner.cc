#include "command/command_runner.h"

#include <algorithm>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "command/command_view.h"
#include "command/worker_check.h"
#include "engine/access_check.h"
#include "engine/denial_record.h"
#include "nexus/core/edit_distance.h"
#include "nexus/core/errors.h"
#include "nexus/core/media_type.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/text.h"
#include "policy/server_input.h"

namespace nexus::command {
namespace {

constexpr size_t kViolationsMax = 100;

absl::Status Wrong(ErrorReason reason, std::string field, std::string message) {
  ErrorDetails details;
  details.reason = reason;
  const std::string text = absl::StrCat(field, ": ", message);
  details.violations.emplace_back();
  details.violations.back().field = std::move(field);
  details.violations.back().message = std::move(message);
  return MakeError(text, details);
}

absl::Status NotDeclared(absl::string_view type, const domain::DomainState& domains) {
  ErrorDetails details;
  details.reason = ErrorReason::kCommandNotDeclared;
  details.metadata.emplace_back("type", std::string(type));
  std::string near;
  for (const auto& aggregate : domains.aggregates()) {
    for (const std::string& known : aggregate->declaration.commands) {
      if (EditDistance(known, type.substr(0, 100)) <= 2) near = known;
    }
  }
  return MakeError(absl::StrCat("no aggregate takes commands of the type ", type,
                                near.empty() ? "" : absl::StrCat("; is ", near, " meant?")),
                   details);
}

absl::Status CheckMetadata(const CommandDraft& draft, const Limits& limits) {
  size_t bytes = 0;
  for (const auto& [key, value] : draft.metadata) {
    const std::string field = absl::StrCat("command.metadata[\"", key, "\"]");
    if (key.empty()) return Wrong(ErrorReason::kMalformedName, field, "a key must not be empty");
    if (absl::StartsWith(key, "$")) {
      return Wrong(ErrorReason::kReservedName, field,
                   "keys that begin with '$' belong to the server");
    }
    if (FindInvalidUtf8(key).has_value() || FindInvalidUtf8(value).has_value()) {
      return Wrong(ErrorReason::kInvalidUtf8, field, "it is not UTF-8");
    }
    bytes += key.size() + value.size();
  }
  if (bytes <= limits.metadata_bytes_max) return absl::OkStatus();
  return Wrong(
      ErrorReason::kLimitExceeded, "command.metadata",
      absl::StrCat("it has at most ", limits.metadata_bytes_max, " bytes; this has ", bytes));
}

absl::Status CheckText(absl::string_view field, absl::string_view text, size_t bytes_max) {
  if (text.size() > bytes_max) {
    return Wrong(ErrorReason::kLimitExceeded, std::string(field),
                 absl::StrCat("it has at most ", bytes_max, " bytes"));
  }
  if (!FindInvalidUtf8(text).has_value()) return absl::OkStatus();
  return Wrong(ErrorReason::kInvalidUtf8, std::string(field), "it is not UTF-8");
}

}  // namespace

CommandRunner::CommandRunner(const CommandRunnerParts& parts, const CommandRunnerOptions& options)
    : parts_(parts),
      metrics_(parts.engine.metrics()),
      upcast_metrics_(parts.engine.metrics()),
      remote_(std::make_shared<RemoteDecider>(
          RemoteParts{parts.engine, parts.reader, parts.locator, parts.json, parts.ids, metrics_},
          options.remote)) {
  const CommandWorkerParts worker{parts.engine,  parts.reader,    parts.locator,
                                  parts.scripts, parts.json,      parts.ids,
                                  metrics_,      parts.snapshots, &upcast_metrics_};
  for (size_t i = 0; i < std::max<size_t>(1, options.threads); ++i) {
    workers_.push_back(std::make_unique<CommandWorker>(worker, options.worker));
  }
}

CommandRunner::~CommandRunner() { Stop(); }

void CommandRunner::Stop() {
  // All at once: each may take its time.
  for (const auto& worker : workers_) worker->Drain();
  for (const auto& worker : workers_) worker->Stop();
  remote_->Stop();
}

absl::StatusOr<WorkerWelcome> CommandRunner::Join(WorkerProfile profile,
                                                  const engine::Caller& caller,
                                                  std::shared_ptr<WorkerPort> port) {
  NEXUS_RETURN_IF_ERROR(CheckWorker(profile, caller, *parts_.domains(), parts_.engine.ledger()));
  profile.principal = caller.principal.name;
  return remote_->Join(std::move(profile), std::move(port));
}

void CommandRunner::Execute(CommandDraft draft, engine::Caller caller, CommandDone done) {
  const absl::Duration begun = parts_.engine.clock().Monotonic();
  absl::StatusOr<CommandCallPtr> call = Intake(std::move(draft), std::move(caller));
  if (!call.ok()) {
    // The type may be anything that a stranger writes: it is no label.
    metrics_.Commands("", ReasonName(ReasonOf(call.status()))).Add(1);
    done(call.status());
    return;
  }
  (*call)->begun = begun;
  (*call)->done = std::move(done);
  Admit(*std::move(call));
}

absl::StatusOr<CommandCallPtr> CommandRunner::Intake(CommandDraft draft,
                                                     engine::Caller caller) const {
  const Limits& limits = parts_.engine.limits();
  NEXUS_RETURN_IF_ERROR(CheckText("command.type", draft.type, limits.type_bytes_max));
  const std::shared_ptr<const domain::DomainState> domains = parts_.domains();
  const domain::AggregateRecord* const record = domains->FindCommand(draft.type);
  if (record == nullptr) return NotDeclared(draft.type, *domains);
  NEXUS_RETURN_IF_ERROR(CheckMetadata(draft, limits));
  NEXUS_RETURN_IF_ERROR(
      CheckText("command.correlation_id", draft.correlation_id, limits.id_text_bytes_max));
  NEXUS_RETURN_IF_ERROR(
      CheckText("command.causation_id", draft.causation_id, limits.id_text_bytes_max));
  auto call = std::make_shared<CommandCall>();
  // Shares the life of the state, whose record it is.
  call->record = std::shared_ptr<const domain::AggregateRecord>(domains, record);
  call->may_be_known = !draft.command_id.empty();
  if (call->may_be_known) {
    const absl::StatusOr<CommitId> id = CommitId::Parse(draft.command_id);
    if (!id.ok() || id->IsNil()) {
      return Wrong(ErrorReason::kMalformedId, "command.command_id",
                   "must be a UUID (8-4-4-4-12 hexadecimal digits), not all zero");
    }
    call->id = *id;
  } else {
    call->id = CommitId{parts_.ids.NewUuid()};
  }
  call->draft = std::move(draft);
  call->caller = std::move(caller);
  NEXUS_RETURN_IF_ERROR(CheckData(call->draft));
  NEXUS_RETURN_IF_ERROR(FindStream(*call));
  absl::Status access =
      engine::CheckCommandAccess(call->caller, call->stream.str(), call->draft.type);
  if (!access.ok()) {
    return engine::WriteDenial(parts_.engine.ledger(), call->caller, "execute", call->stream.str(),
                               std::move(access));
  }
  call->correlation_id = !call->draft.correlation_id.empty()    ? call->draft.correlation_id
                         : !call->caller.correlation_id.empty() ? call->caller.correlation_id
                                                                : call->id.ToString();
  call->view = CommandView(call->draft, call->id);
  return call;
}

absl::Status CommandRunner::CheckData(const CommandDraft& draft) const {
  if (draft.data.size() > parts_.engine.limits().event_bytes_max) {
    return Wrong(ErrorReason::kLimitExceeded, "command.data",
                 absl::StrCat("it has at most ", parts_.engine.limits().event_bytes_max,
                              " bytes; this has ", draft.data.size()));
  }
  const schema::SchemaRecordPtr schema = parts_.engine.schemas().Find(draft.type, 0);
  if (schema == nullptr || schema->format != SchemaFormat::kJsonSchema) {
    ErrorDetails details;
    details.reason = ErrorReason::kSchemaNotRegistered;
    details.metadata.emplace_back("subject", draft.type);
    return MakeError(absl::StrCat("no JSON Schema is registered for the command ", draft.type,
                                  "; its subject is the type"),
                     details);
  }
  absl::StatusOr<std::vector<Violation>> found =
      schema->compiled->Validate(draft.data, kViolationsMax);
  if (!found.ok()) {
    return Wrong(ReasonOf(found.status()), "command.data", std::string(found.status().message()));
  }
  if (found->empty()) return absl::OkStatus();
  ErrorDetails details;
  details.reason = ErrorReason::kSchemaViolation;
  details.violations = *std::move(found);
  for (Violation& violation : details.violations) violation.field = "command.data";
  const Violation& first = details.violations.front();
  return MakeError(absl::StrCat("the command breaks its schema in ", details.violations.size(),
                                " place(s); first at \"", first.pointer, "\": ", first.keyword,
                                ": ", first.message),
                   details);
}

absl::Status CommandRunner::FindStream(CommandCall& call) const {
  const domain::AggregateDeclaration& aggregate = call.record->declaration;
  const auto wrong = [&](absl::string_view message) {
    absl::Status status = Wrong(ErrorReason::kMalformedRequest, "command.data",
                                absl::StrCat("at ", aggregate.id_pointer, ": ", message));
    return status;
  };
  const absl::StatusOr<JsonMember> id = parts_.json.ReadAt(call.draft.data, aggregate.id_pointer);
  if (!id.ok()) {
    if (ReasonOf(id.status()) != ErrorReason::kNotFound) return id.status();
    return wrong("the id of the aggregate is missing");
  }
  const bool is_number = !id->is_string && !id->text.empty() &&
                         std::all_of(id->text.begin(), id->text.end(),
                                     [](unsigned char c) { return c >= '0' && c <= '9'; });
  if (!id->is_string && !is_number) {
    return wrong("the id of the aggregate is a text or a whole number");
  }
  if (id->text.empty()) return wrong("the id of the aggregate is empty");
  absl::StatusOr<StreamName> name =
      StreamName::Take(absl::StrCat(aggregate.category, "-", id->text));
  if (!name.ok()) return wrong(name.status().message());
  call.stream = *std::move(name);
  return absl::OkStatus();
}

void CommandRunner::Admit(CommandCallPtr call) {
  policy::CommandFacts facts;
  facts.type = call->draft.type;
  facts.aggregate = call->record->declaration.name;
  facts.domain = call->record->domain;
  facts.stream = call->stream.str();
  facts.metadata = &call->draft.metadata;
  facts.data_json = call->draft.data;
  const engine::Caller& caller = call->caller;
  parts_.engine.questions().AskAboutCommand(facts, caller, [this, call](absl::Status allowed) {
    if (allowed.ok() && call->record->declaration.is_remote()) {
      allowed = remote_->Submit(call);
    } else if (allowed.ok()) {
      const size_t worker = absl::HashOf(call->stream.str()) % workers_.size();
      allowed = workers_[worker]->Submit(call);
    }
    if (allowed.ok()) return;
    metrics_.Commands(call->draft.type, ReasonName(ReasonOf(allowed))).Add(1);
    call->done(std::move(allowed));
  });
}

}  // namespace nexus::command
