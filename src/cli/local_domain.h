#pragma once

// A domain's folder, taken as the server would take it into an empty log: declarations read,
// schemas compiled, code ready to run by the same engine. Policies are declared only: their rules
// are a check of their own.
//
// Not thread-safe; its code runs on the thread that made it.

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "cli/domain_folder.h"
#include "cli/no_metrics.h"
#include "domain/domain_state.h"
#include "nexus/core/system_clock.h"
#include "schema/json/compat/json_schema_comparer.h"
#include "schema/json/evolve/json_schema_evolver.h"
#include "schema/json/json_schema_validator.h"
#include "schema/json/simd_json_reader.h"
#include "schema/schema_evolution.h"
#include "script/script_engine.h"

namespace nexus::cli {

// What is wrong, and where.
struct DomainFault {
  std::string rule;
  std::string file = {};  // in the folder
  uint64_t line = 0;
  std::string pointer = {};
  std::string message = {};
  std::string level = "error";
};

class LocalDomain {
 public:
  // Reads all of it; what is wrong is in faults(), and what depends on it is left out. NOT_FOUND
  // without a folder or its domain.yaml; INTERNAL if the script engine cannot be started.
  static absl::StatusOr<std::unique_ptr<LocalDomain>> Read(const std::string& folder);

  const std::vector<DomainFault>& faults() const { return faults_; }
  // Of the folder; without declarations if they cannot be read.
  const DomainFolder& folder() const { return folder_; }
  // Null if a declaration is wrong.
  const domain::DomainState* state() const { return state_.get(); }
  const schema::SchemaCatalog& catalog() const { return catalog_; }
  const schema::SchemaEvolution& evolution() const { return evolution_; }
  JsonReader& json() { return json_; }
  script::ScriptEngine& scripts() { return *scripts_; }

  // Compiles and loads every script, and looks at what upcasters and aggregates need of the others.
  void CheckCode();

  // The fault with the file and line of a declaration, by its kind and name.
  DomainFault FaultOf(const std::string& kind, const std::string& name, absl::string_view rule,
                      const absl::Status& status) const;

 private:
  LocalDomain() = default;
  void TakeDeclarations();
  void TakeSchema(const DomainDeclaration& declaration);
  void AddSchema(const DomainDeclaration& declaration, SchemaFormat format, std::string definition,
                 const std::string& file, uint32_t version);
  void BuildState();
  void CheckTypes(const domain::AggregateRecord& record);
  void Add(const DomainDeclaration& declaration, absl::string_view rule,
           const absl::Status& status);
  const std::string* TextOf(absl::string_view path) const;

  schema::JsonSchemaValidator json_validator_;
  schema::JsonSchemaComparer json_comparer_;
  schema::JsonSchemaEvolver json_evolver_;
  // Code sees JSON alone, so no other data are ever put into another version here.
  const schema::SchemaLanguages languages_ = schema::SchemaLanguages().Add(
      SchemaFormat::kJsonSchema, json_validator_, json_comparer_, &json_evolver_);
  schema::SimdJsonReader json_;
  NoMetrics metrics_;
  SystemClock clock_;
  schema::SchemaCatalog catalog_{schema::SchemaMode::kRequired};
  const schema::SchemaEvolution evolution_{{catalog_, languages_, nullptr, metrics_}};
  std::unique_ptr<script::ScriptEngine> scripts_;
  DomainFolder folder_;
  std::vector<DomainFault> faults_;
  std::shared_ptr<const domain::DomainState> state_;
};

}  // namespace nexus::cli
