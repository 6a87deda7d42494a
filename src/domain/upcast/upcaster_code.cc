#include "domain/upcast/upcaster_code.h"

#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "digest/sha256.h"
#include "domain/upcast/domain_modules.h"
#include "domain/upcast/upcaster_prelude.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "nexus/core/time_text.h"

namespace nexus::domain {
namespace {

// More than a call may take.
constexpr script::ContextLimits kRoomToCheck{.heap_bytes_max = 256 << 20};

absl::Status UpcasterError(absl::string_view upcaster, absl::string_view domain,
                           absl::string_view script, const absl::Status& why,
                           absl::string_view input) {
  ErrorDetails details;
  details.reason = ErrorReason::kDomainCodeFailed;
  details.metadata.emplace_back("upcaster", std::string(upcaster));
  details.metadata.emplace_back("domain", std::string(domain));
  if (!input.empty()) details.metadata.emplace_back("input_digest", Sha256Hex(input));
  return MakeError(absl::StrCat("the code of the upcaster ", upcaster, " (", domain, "/", script,
                                ") fails: ", why.message()),
                   details);
}

}  // namespace

std::string UpcastView(const RecordedEvent& event, uint32_t version) {
  std::string out = "{\"type\":";
  out.reserve(event.data.size() + event.type.size() + 200);
  AppendJsonString(out, event.type);
  absl::StrAppend(&out, ",\"version\":", version, ",\"data\":", event.data);
  bool open = false;
  for (const auto& [key, value] : event.metadata) {
    if (absl::StartsWith(key, "$")) continue;
    out.append(open ? "," : ",\"metadata\":{");
    open = true;
    AppendJsonString(out, key);
    out.push_back(':');
    AppendJsonString(out, value);
  }
  if (open) out.push_back('}');
  absl::StrAppend(&out, ",\"id\":\"", event.id.ToString(), "\",\"revision\":", event.revision.value,
                  ",\"position\":", event.position.value, ",\"recorded\":\"");
  AppendTime(out, event.recorded);
  out.append("\"}");
  return out;
}

UpcasterCode::UpcasterCode(const UpcasterRecord& record,
                           std::unique_ptr<script::ScriptModule> module, script::ScriptFunction run,
                           const script::CallLimits& limits)
    : domain_(record.domain),
      script_(record.declaration.script),
      package_(record.package),
      module_(std::move(module)),
      run_(run),
      limits_(limits) {}

absl::StatusOr<std::unique_ptr<UpcasterCode>> UpcasterCode::Load(script::ScriptContext& context,
                                                                 const UpcasterRecord& record,
                                                                 const script::CallLimits& limits) {
  const UpcasterDeclaration& declaration = record.declaration;
  std::vector<script::ModuleFile> files = ModulesOf(*record.package);
  files.push_back({kUpcasterPreludeFile,
                   absl::StrReplaceAll(kUpcasterPrelude, {{kUpcasterPlace, declaration.script}})});
  absl::StatusOr<std::unique_ptr<script::ScriptModule>> module =
      context.Load(files, kUpcasterPreludeFile, limits);
  absl::Status fault = module.status();
  absl::StatusOr<script::ScriptFunction> run = 0;
  if (fault.ok()) {
    run = (*module)->Find("run");
    fault = run.status();
  }
  if (!fault.ok()) {
    return UpcasterError(declaration.name, record.domain, declaration.script, fault, "");
  }
  return std::unique_ptr<UpcasterCode>(new UpcasterCode(record, *std::move(module), *run, limits));
}

bool UpcasterCode::IsOf(const UpcasterRecord& record) const {
  return package_ == record.package && script_ == record.declaration.script;
}

absl::StatusOr<std::string> UpcasterCode::Run(const UpcasterDeclaration& declaration,
                                              absl::string_view view) {
  const std::string to_type = JsonString(declaration.to_type);
  absl::StatusOr<std::string> data =
      module_->CallForJson(run_, {view, absl::string_view(to_type)}, limits_);
  if (data.ok()) return data;
  broken_ = absl::IsDeadlineExceeded(data.status()) || absl::IsResourceExhausted(data.status());
  return UpcasterError(declaration.name, domain_, script_, data.status(), view);
}

absl::Status CheckUpcasterCode(script::ScriptEngine& engine, const UpcasterRecord& record,
                               const script::CallLimits& limits) {
  NEXUS_ASSIGN_OR_RETURN(const auto context, engine.NewContext(kRoomToCheck));
  return UpcasterCode::Load(*context, record, limits).status();
}

}  // namespace nexus::domain
