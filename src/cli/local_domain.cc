#include "cli/local_domain.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/local_schema.h"
#include "cli/pointer_line.h"
#include "command/code_check.h"
#include "domain/policy_declaration.h"
#include "domain/role_declaration.h"
#include "domain/schema_declaration.h"
#include "domain/upcast/upcaster_code.h"
#include "domain/upcast/upcaster_ways.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"
#include "route/declaration/route_declaration.h"
#include "script/spidermonkey/spidermonkey_engine.h"

namespace nexus::cli {
namespace {

constexpr char kDeclarationRule[] = "DOMAIN_DECLARATION";
constexpr char kSchemaRule[] = "SCHEMA_INVALID";
constexpr char kCodeRule[] = "DOMAIN_CODE";
constexpr char kTypeRule[] = "DOMAIN_TYPE";
constexpr char kUpcasterRule[] = "DOMAIN_UPCASTER";

// "schemas.yaml:17" into its parts.
void SplitPlace(const std::string& place, DomainFault& fault) {
  const size_t colon = place.rfind(':');
  fault.file = place.substr(0, colon);
  if (colon == std::string::npos) return;
  if (!absl::SimpleAtoi(place.substr(colon + 1), &fault.line)) fault.file = place;
}

// The first place of `file` that the text of an error names: "aggregates/order.js:12:3".
uint64_t LineIn(absl::string_view text, const std::string& file) {
  const size_t at = text.find(absl::StrCat(file, ":"));
  if (at == absl::string_view::npos) return 0;
  uint64_t line = 0;
  for (const char c : text.substr(at + file.size() + 1)) {
    if (c < '0' || c > '9') break;
    line = line * 10 + static_cast<uint64_t>(c - '0');
  }
  return line;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LocalDomain>> LocalDomain::Read(const std::string& folder) {
  std::unique_ptr<LocalDomain> local(new LocalDomain);
  NEXUS_ASSIGN_OR_RETURN(local->scripts_, script::SpiderMonkeyEngine::Create(local->clock_));
  absl::StatusOr<DomainFolder> read = ReadDomainFolder(folder);
  if (read.ok()) {
    local->folder_ = *std::move(read);
    local->TakeDeclarations();
    local->BuildState();
    return local;
  }
  const ErrorDetails details = DetailsOf(read.status());
  if (details.violations.empty()) {
    if (details.reason != ErrorReason::kMalformedRequest) return read.status();
    local->faults_.push_back({.rule = kDeclarationRule,
                              .file = "domain.yaml",
                              .message = std::string(read.status().message())});
  }
  for (const Violation& violation : details.violations) {
    DomainFault fault{.rule = kDeclarationRule, .message = violation.message};
    SplitPlace(violation.field, fault);
    local->faults_.push_back(std::move(fault));
  }
  return local;
}

void LocalDomain::Add(const DomainDeclaration& declaration, absl::string_view rule,
                      const absl::Status& status) {
  if (status.ok()) return;
  const ErrorDetails details = DetailsOf(status);
  DomainFault fault{.rule = std::string(rule),
                    .file = declaration.file,
                    .message = std::string(status.message())};
  if (!details.violations.empty()) {
    fault.pointer = details.violations.front().pointer;
    if (!details.violations.front().message.empty()) {
      fault.message = details.violations.front().message;
    }
  }
  fault.line = declaration.document.LineOf(fault.pointer);
  faults_.push_back(std::move(fault));
}

const std::string* LocalDomain::TextOf(absl::string_view path) const {
  for (const DomainText& text : folder_.files) {
    if (text.path == path) return &text.text;
  }
  return nullptr;
}

void LocalDomain::TakeDeclarations() {
  for (const DomainDeclaration& declaration : folder_.declarations) {
    const std::string& text = declaration.document.json;
    const absl::StatusOr<domain::DeclarationHeader> header = domain::ParseHeader(text, json_);
    if (!header.ok()) {
      Add(declaration, kDeclarationRule, header.status());
      continue;
    }
    switch (header->kind) {
      case domain::Kind::kSchema:
        TakeSchema(declaration);
        break;
      case domain::Kind::kAggregate:
        Add(declaration, kDeclarationRule, domain::ParseAggregate(*header, json_).status());
        break;
      case domain::Kind::kUpcaster:
        Add(declaration, kDeclarationRule, domain::ParseUpcaster(*header, json_).status());
        break;
      case domain::Kind::kRoute: {
        const absl::string_view members = absl::string_view(header->spec).substr(1);
        Add(declaration, kDeclarationRule,
            route::ParseRoute(absl::StrCat("{\"name\":", JsonString(header->name),
                                           members == "}" ? "" : ",", members),
                              json_)
                .status());
        break;
      }
      case domain::Kind::kRole:
        Add(declaration, kDeclarationRule, domain::ParseRole(*header, json_).status());
        break;
      case domain::Kind::kPolicy:
        Add(declaration, kDeclarationRule, domain::ParsePolicy(*header, json_).status());
        break;
    }
  }
}

void LocalDomain::TakeSchema(const DomainDeclaration& declaration) {
  const auto header = domain::ParseHeader(declaration.document.json, json_);
  const auto schema = domain::ParseSchema(*header, json_);
  if (!schema.ok()) return Add(declaration, kDeclarationRule, schema.status());
  uint32_t version = 0;
  for (const std::string& file : schema->earlier) {
    if (const std::string* text = TextOf(file)) {
      AddSchema(declaration, schema->format, *text, file, ++version);
    }
  }
  const std::string* const text = schema->file.empty() ? &schema->definition : TextOf(schema->file);
  if (text != nullptr) AddSchema(declaration, schema->format, *text, schema->file, ++version);
}

void LocalDomain::AddSchema(const DomainDeclaration& declaration, SchemaFormat format,
                            std::string definition, const std::string& file, uint32_t version) {
  auto record = std::make_shared<schema::SchemaRecord>();
  record->subject = declaration.name;
  record->version = version;
  record->id = catalog_.NextId();
  record->format = format;
  record->digest = absl::StrCat(declaration.name, " ", version);
  const LocalLanguage language = LanguageOf(format);
  auto compiled = language.validator->Compile(SchemaSource(definition));
  if (!compiled.ok()) {
    Add(declaration, kSchemaRule, compiled.status());
    DomainFault& fault = faults_.back();
    if (file.empty()) return;
    fault.file = file;
    fault.line = format == SchemaFormat::kJsonSchema ? LineOfPointer(definition, fault.pointer) : 0;
    return;
  }
  record->compiled = *std::move(compiled);
  record->definition = std::move(definition);
  catalog_.Add(std::move(record));
}

void LocalDomain::BuildState() {
  if (!faults_.empty()) return;
  auto package = std::make_shared<domain::DomainPackage>();
  package->name = folder_.name;
  for (const DomainDeclaration& declaration : folder_.declarations) {
    package->declarations.push_back({declaration.path, declaration.document.json});
  }
  for (const DomainText& text : folder_.files) package->files.push_back({text.path, text.text});
  // Rules are not compiled here: whoever wants that looks at the folder itself.
  for (const domain::PolicyDeclaration& policy : domain::PoliciesOf(*package, json_)) {
    package->files.push_back({policy.bundle_path(), ""});
  }
  std::map<std::string, domain::DomainRecord> domains;
  domains[folder_.name].package = std::move(package);
  auto state = domain::DomainState::Build(std::move(domains), json_);
  if (state.ok()) {
    state_ = *std::move(state);
    return;
  }
  for (const Violation& violation : DetailsOf(WithLines(state.status(), folder_)).violations) {
    DomainFault fault{
        .rule = kDeclarationRule, .pointer = violation.pointer, .message = violation.message};
    SplitPlace(violation.field, fault);
    faults_.push_back(std::move(fault));
  }
}

DomainFault LocalDomain::FaultOf(const std::string& kind, const std::string& name,
                                 absl::string_view rule, const absl::Status& status) const {
  DomainFault fault{.rule = std::string(rule), .message = std::string(status.message())};
  const ErrorDetails details = DetailsOf(status);
  if (rule == kCodeRule) fault.pointer = "/spec/script";
  if (!details.violations.empty()) {
    fault.pointer = details.violations.front().pointer;
    if (!details.violations.front().message.empty()) {
      fault.message = details.violations.front().message;
    }
  }
  for (const DomainDeclaration& declaration : folder_.declarations) {
    if (declaration.kind != kind || declaration.name != name) continue;
    fault.file = declaration.file;
    fault.line = declaration.document.LineOf(fault.pointer);
  }
  if (rule != kCodeRule) return fault;
  for (const DomainText& text : folder_.files) {
    const uint64_t line = LineIn(status.message(), text.path);
    if (line == 0) continue;
    fault.file = text.path;
    fault.line = line;
    fault.pointer.clear();
    break;
  }
  return fault;
}

void LocalDomain::CheckTypes(const domain::AggregateRecord& record) {
  const std::pair<const char*, const std::vector<std::string>*> lists[] = {
      {"commands", &record.declaration.commands}, {"events", &record.declaration.events}};
  for (const auto& [member, types] : lists) {
    for (size_t i = 0; i < types->size(); ++i) {
      if (catalog_.Find((*types)[i], 0) != nullptr) continue;
      ErrorDetails details;
      details.reason = ErrorReason::kSchemaNotRegistered;
      details.violations.emplace_back();
      details.violations.back().pointer = absl::StrCat("/spec/", member, "/", i);
      DomainFault fault =
          FaultOf("Aggregate", record.declaration.name, kTypeRule,
                  MakeError(absl::StrCat((*types)[i],
                                         " has no schema in this folder; applied it will be, "
                                         "if the server has one"),
                            details));
      fault.level = "warning";
      faults_.push_back(std::move(fault));
    }
  }
}

void LocalDomain::CheckCode() {
  if (state_ == nullptr) return;
  const auto take = [&](const char* kind, const std::string& name, absl::string_view rule,
                        const absl::Status& status, const char* level = "error") {
    if (status.ok()) return;
    DomainFault fault = FaultOf(kind, name, rule, status);
    fault.level = level;
    faults_.push_back(std::move(fault));
  };
  for (const auto& record : state_->aggregates()) {
    const std::string& name = record->declaration.name;
    CheckTypes(*record);
    take("Aggregate", name, kUpcasterRule, domain::CheckDecidedTypes(*record, *state_));
    if (record->declaration.is_remote()) continue;
    take("Aggregate", name, kCodeRule, command::CheckAggregateCode(*scripts_, *record, {}));
  }
  for (const domain::UpcasterRecord& record : state_->upcasters()) {
    const std::string& name = record.declaration.name;
    const absl::Status way = domain::CheckUpcasterWay(record, *state_, {catalog_});
    // The server may know versions that this folder does not.
    const bool is_missing = ReasonOf(way) == ErrorReason::kSchemaNotRegistered;
    take("Upcaster", name, kUpcasterRule, way, is_missing ? "warning" : "error");
    take("Upcaster", name, kCodeRule, domain::CheckUpcasterCode(*scripts_, record, {}));
  }
}

}  // namespace nexus::cli
