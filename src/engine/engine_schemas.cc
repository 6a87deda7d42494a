// The use cases of the schema registry: each asks the policy, then the registry.

#include <string>
#include <utility>

#include "engine/access_check.h"
#include "engine/denial_record.h"
#include "engine/engine.h"
#include "engine/principal_facts.h"
#include "nexus/core/errors.h"
#include "policy/policy_input.h"

namespace nexus::engine {
namespace {

using enum identity::Operation;

// What happens once the policy has said yes; `done` is told if it has said no.
template <typename Answer, typename Write>
auto Then(Engine::Done<Answer> done, Write write) {
  return [done = std::move(done),
          write = std::move(write)](absl::StatusOr<AdmissionStamp> stamp) mutable {
    if (!stamp.ok()) return done(stamp.status());
    write(*std::move(stamp), std::move(done));
  };
}

}  // namespace

template <typename T>
Engine::Done<T> Engine::Watched(Done<T> done, absl::string_view operation,
                                absl::string_view subject, const Caller& caller) {
  if (parts_.ledger == nullptr) return done;
  return [this, done = std::move(done), operation = std::string(operation),
          subject = std::string(subject), caller](absl::StatusOr<T> outcome) mutable {
    if (IsDenial(ReasonOf(outcome.status()))) {
      return done(Deny(caller, operation, subject, outcome.status()));
    }
    parts_.ledger->Record(AdminAction(caller, operation, subject, outcome.status()));
    done(std::move(outcome));
  };
}

void Engine::RegisterSchema(schema::RegisterRequest request, Caller caller,
                            Done<schema::SchemaRecordPtr> done) {
  done = Watched(std::move(done), "register_schema", request.subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, request.subject), done)) return;
  std::string input = policy::RegisterSchemaInput({.subject = request.subject,
                                                   .comment = request.comment,
                                                   .definition_bytes = request.definition.size(),
                                                   .format = request.format},
                                                  FactsOf(caller.principal));
  questions_.Ask("register_schema", std::move(input), std::move(caller),
                 Then(std::move(done), [this, request = std::move(request)](AdmissionStamp stamp,
                                                                            auto finish) mutable {
                   request.stamp = std::move(stamp);
                   parts_.schemas.Register(std::move(request), std::move(finish));
                 }));
}

void Engine::DeleteSchema(schema::DeleteRequest request, Caller caller,
                          Done<std::vector<uint32_t>> done) {
  done = Watched(std::move(done), "delete_schema", request.subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, request.subject), done)) return;
  std::string input = policy::DeleteSchemaInput({.subject = request.subject,
                                                 .version = request.version,
                                                 .permanent = request.permanent,
                                                 .comment = request.comment},
                                                FactsOf(caller.principal));
  questions_.Ask("delete_schema", std::move(input), std::move(caller),
                 Then(std::move(done), [this, request = std::move(request)](AdmissionStamp stamp,
                                                                            auto finish) mutable {
                   request.stamp = std::move(stamp);
                   parts_.schemas.Delete(std::move(request), std::move(finish));
                 }));
}

void Engine::UpdateCompatibility(schema::CompatibilitySettings settings, Caller caller,
                                 Done<schema::CompatibilitySettings> done) {
  done = Watched(std::move(done), "update_compatibility", settings.subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, settings.subject), done)) return;
  std::string input = policy::UpdateCompatibilityInput(
      {.subject = settings.subject, .comment = settings.comment, .rules = settings.rules},
      FactsOf(caller.principal));
  questions_.Ask("update_compatibility", std::move(input), std::move(caller),
                 Then(std::move(done), [this, settings = std::move(settings)](AdmissionStamp stamp,
                                                                              auto finish) mutable {
                   parts_.schemas.UpdateCompatibility(std::move(settings), std::move(stamp),
                                                      std::move(finish));
                 }));
}

void Engine::ClearCompatibility(std::string subject, std::string comment, Caller caller,
                                Done<schema::CompatibilitySettings> done) {
  done = Watched(std::move(done), "update_compatibility", subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, subject), done)) return;
  // The global rules take their place; without any, the server's own.
  const CompatibilityRules rules =
      subject.empty() ? CompatibilityRules() : parts_.schemas.catalog().GetCompatibility("").rules;
  std::string input = policy::UpdateCompatibilityInput(
      {.subject = subject, .comment = comment, .rules = rules, .clear = true},
      FactsOf(caller.principal));
  questions_.Ask(
      "update_compatibility", std::move(input), std::move(caller),
      Then(std::move(done), [this, subject = std::move(subject), comment = std::move(comment)](
                                AdmissionStamp stamp, auto finish) mutable {
        parts_.schemas.ClearCompatibility(std::move(subject), std::move(comment), std::move(stamp),
                                          std::move(finish));
      }));
}

void Engine::UpdateMode(schema::ModeSettings settings, bool force, Caller caller,
                        Done<schema::ModeSettings> done) {
  done = Watched(std::move(done), "update_registry_mode", settings.subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, settings.subject), done)) return;
  std::string input = policy::UpdateModeInput({.subject = settings.subject,
                                               .mode = schema::RegistryModeName(settings.mode),
                                               .comment = settings.comment},
                                              FactsOf(caller.principal));
  questions_.Ask("update_registry_mode", std::move(input), std::move(caller),
                 Then(std::move(done), [this, settings = std::move(settings), force](
                                           AdmissionStamp stamp, auto finish) mutable {
                   parts_.schemas.UpdateMode(std::move(settings), force, std::move(stamp),
                                             std::move(finish));
                 }));
}

void Engine::ClearMode(std::string subject, std::string comment, Caller caller,
                       Done<schema::ModeSettings> done) {
  done = Watched(std::move(done), "update_registry_mode", subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, subject), done)) return;
  const schema::RegistryMode mode = subject.empty() ? schema::RegistryMode::kReadWrite
                                                    : parts_.schemas.catalog().GetMode("").mode;
  std::string input = policy::UpdateModeInput({.subject = subject,
                                               .mode = schema::RegistryModeName(mode),
                                               .clear = true,
                                               .comment = comment},
                                              FactsOf(caller.principal));
  questions_.Ask(
      "update_registry_mode", std::move(input), std::move(caller),
      Then(std::move(done), [this, subject = std::move(subject), comment = std::move(comment)](
                                AdmissionStamp stamp, auto finish) mutable {
        parts_.schemas.ClearMode(std::move(subject), std::move(comment), std::move(stamp),
                                 std::move(finish));
      }));
}

void Engine::UpdateValidation(schema::ValidationSettings settings, Caller caller,
                              Done<schema::ValidationSettings> done) {
  done = Watched(std::move(done), "update_validation", settings.subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, settings.subject), done)) return;
  std::string input = policy::UpdateValidationInput(
      {.subject = settings.subject,
       .undeclared_fields = UndeclaredFieldsName(settings.undeclared_fields),
       .comment = settings.comment},
      FactsOf(caller.principal));
  questions_.Ask("update_validation", std::move(input), std::move(caller),
                 Then(std::move(done), [this, settings = std::move(settings)](AdmissionStamp stamp,
                                                                              auto finish) mutable {
                   parts_.schemas.UpdateValidation(std::move(settings), std::move(stamp),
                                                   std::move(finish));
                 }));
}

void Engine::ClearValidation(std::string subject, std::string comment, Caller caller,
                             Done<schema::ValidationSettings> done) {
  done = Watched(std::move(done), "update_validation", subject, caller);
  if (Refused(CheckSubjectAccess(caller, kSchemaWrite, subject), done)) return;
  const UndeclaredFields after = subject.empty()
                                     ? UndeclaredFields::kByFormat
                                     : parts_.schemas.catalog().GetValidation("").undeclared_fields;
  std::string input =
      policy::UpdateValidationInput({.subject = subject,
                                     .undeclared_fields = UndeclaredFieldsName(after),
                                     .clear = true,
                                     .comment = comment},
                                    FactsOf(caller.principal));
  questions_.Ask(
      "update_validation", std::move(input), std::move(caller),
      Then(std::move(done), [this, subject = std::move(subject), comment = std::move(comment)](
                                AdmissionStamp stamp, auto finish) mutable {
        parts_.schemas.ClearValidation(std::move(subject), std::move(comment), std::move(stamp),
                                       std::move(finish));
      }));
}

void Engine::UpdateCategory(schema::CategorySettings settings, Caller caller,
                            Done<schema::CategorySettings> done) {
  done = Watched(std::move(done), "update_category", settings.category, caller);
  if (Refused(CheckCategoryAccess(caller, settings.category), done)) return;
  const bool required = settings.schema_mode == schema::SchemaMode::kRequired;
  std::string input = policy::UpdateCategoryInput(
      {.category = settings.category, .schema_mode = required ? "required" : "optional"},
      FactsOf(caller.principal));
  questions_.Ask("update_category", std::move(input), std::move(caller),
                 Then(std::move(done), [this, settings = std::move(settings)](AdmissionStamp stamp,
                                                                              auto finish) mutable {
                   parts_.schemas.UpdateCategory(std::move(settings), std::move(stamp),
                                                 std::move(finish));
                 }));
}

}  // namespace nexus::engine
