// Compatibility and modes, global and of one subject.

#include <utility>

#include "absl/strings/str_cat.h"
#include "confluent/bodies.h"
#include "confluent/registry_api.h"
#include "nexus/core/errors.h"

namespace nexus::confluent {
namespace {

bool IsOf(const std::vector<std::string>& segments) { return segments.size() == 2; }

std::string ModeBody(const schema::ModeSettings& settings) {
  return absl::StrCat("{\"mode\":\"", schema::RegistryModeName(settings.mode), "\"}");
}

// `key` is "compatibilityLevel" where it is read and "compatibility" where it is written.
std::string ConfigBody(absl::string_view key, const CompatibilityRules& rules, bool extended) {
  std::string body = absl::StrCat("{\"", key, "\":\"", CompatibilityModeName(rules.mode), "\"");
  if (extended) {
    absl::StrAppend(&body, ",\"compatibilityPolicy\":\"", CompatibilityPolicyName(rules.policy),
                    "\"");
  }
  return body + "}";
}

}  // namespace

void RegistryApi::GetConfig(Call call) {
  const std::string subject = IsOf(call.segments) ? call.Subject(1) : "";
  const schema::CompatibilitySettings settings = catalog().GetCompatibility(subject);
  if (!subject.empty() && (!settings.stored || settings.inherited) &&
      !call.parameters.Flag("defaultToGlobal")) {
    return call.Fail(ErrorCode::kNoCompatibility,
                     absl::StrCat("Subject '", subject,
                                  "' does not have subject-level compatibility configured"));
  }
  call.reply(Json(ConfigBody("compatibilityLevel", settings.rules, call.extended)));
}

void RegistryApi::PutConfig(Call call) {
  absl::StatusOr<std::string> level = ReadMember(call.body, "compatibility", parts_.json);
  if (!level.ok()) return call.reply(FailureOf(level.status()));
  schema::CompatibilitySettings settings;
  settings.subject = IsOf(call.segments) ? call.Subject(1) : "";
  // What the request leaves out stays as it is.
  settings.rules = catalog().GetCompatibility(settings.subject).rules;
  if (!level->empty() && !ParseCompatibilityMode(*level, settings.rules.mode)) {
    return call.Fail(ErrorCode::kInvalidLevel,
                     "Invalid compatibility level. Valid values are none, backward, forward, full, "
                     "backward_transitive, forward_transitive, and full_transitive");
  }
  const absl::StatusOr<std::string> policy =
      ReadMember(call.body, "compatibilityPolicy", parts_.json);
  if (policy.ok() && !policy->empty() &&
      !ParseCompatibilityPolicy(*policy, settings.rules.policy)) {
    return call.Fail(ErrorCode::kInvalidLevel,
                     "Invalid compatibility policy. Valid values are NEXUS, STRICT and LENIENT");
  }
  if (level->empty() && (!policy.ok() || policy->empty())) {
    return call.Fail(ErrorCode::kInvalidLevel, "the body names no compatibility");
  }
  parts_.engine.UpdateCompatibility(
      std::move(settings), std::move(call.caller),
      [reply = std::move(call.reply),
       extended = call.extended](absl::StatusOr<schema::CompatibilitySettings> now) mutable {
        if (!now.ok()) return reply(FailureOf(now.status()));
        reply(Json(ConfigBody("compatibility", now->rules, extended)));
      });
}

void RegistryApi::DeleteConfig(Call call) {
  const std::string subject = IsOf(call.segments) ? call.Subject(1) : "";
  parts_.engine.ClearCompatibility(
      subject, "", std::move(call.caller),
      [reply = std::move(call.reply), subject,
       extended = call.extended](absl::StatusOr<schema::CompatibilitySettings> before) mutable {
        // There is always a global one; without one of its own it is the server's default.
        if (subject.empty() && ReasonOf(before.status()) == ErrorReason::kNotFound) {
          before = schema::CompatibilitySettings();
        }
        if (!before.ok()) return reply(FailureOf(before.status(), ErrorCode::kNoCompatibility));
        reply(Json(ConfigBody("compatibilityLevel", before->rules, extended)));
      });
}

void RegistryApi::GetMode(Call call) {
  const std::string subject = IsOf(call.segments) ? call.Subject(1) : "";
  const schema::ModeSettings settings = catalog().GetMode(subject);
  if (!subject.empty() && (!settings.stored || settings.inherited) &&
      !call.parameters.Flag("defaultToGlobal")) {
    return call.Fail(
        ErrorCode::kNoMode,
        absl::StrCat("Subject '", subject, "' does not have subject-level mode configured"));
  }
  call.reply(Json(ModeBody(settings)));
}

void RegistryApi::PutMode(Call call) {
  const absl::StatusOr<std::string> name = ReadMember(call.body, "mode", parts_.json);
  if (!name.ok()) return call.reply(FailureOf(name.status()));
  schema::ModeSettings settings;
  settings.subject = IsOf(call.segments) ? call.Subject(1) : "";
  if (!schema::ParseRegistryMode(*name, settings.mode)) {
    return call.Fail(ErrorCode::kInvalidMode,
                     "Invalid mode. Valid values are READWRITE, READONLY, READONLY_OVERRIDE and "
                     "IMPORT");
  }
  const bool force = call.parameters.Flag("force");
  parts_.engine.UpdateMode(
      std::move(settings), force, std::move(call.caller),
      [reply = std::move(call.reply)](absl::StatusOr<schema::ModeSettings> now) mutable {
        if (now.ok()) return reply(Json(ModeBody(*now)));
        reply(ReasonOf(now.status()) == ErrorReason::kSchemaInUse
                  ? Failure(ErrorCode::kNotPermitted, now.status().message())
                  : FailureOf(now.status()));
      });
}

void RegistryApi::DeleteMode(Call call) {
  const std::string subject = IsOf(call.segments) ? call.Subject(1) : "";
  parts_.engine.ClearMode(
      subject, "", std::move(call.caller),
      [reply = std::move(call.reply)](absl::StatusOr<schema::ModeSettings> before) mutable {
        if (!before.ok()) return reply(FailureOf(before.status(), ErrorCode::kNoMode));
        reply(Json(ModeBody(*before)));
      });
}

}  // namespace nexus::confluent
