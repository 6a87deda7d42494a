#pragma once

// A stored schema that is compiled when it is first used. A registry has many versions that nobody
// uses any more; compiled, each takes some tens of kilobytes.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "nexus/core/status_macros.h"
#include "nexus/port/schema_validator.h"

namespace nexus::schema {

// Immutable to its users, and thread-safe: whoever comes first compiles, the others wait.
class LazySchema : public CompiledSchema {
 public:
  // Runs when it is needed, on the thread of the first user. What it stands on must outlive this.
  using Make = absl::AnyInvocable<absl::StatusOr<std::shared_ptr<const CompiledSchema>>() const>;

  explicit LazySchema(Make make) : make_(std::move(make)) {}

  absl::StatusOr<const CompiledSchema*> Get() const override {
    absl::call_once(once_, [this] { made_ = make_(); });
    if (!made_.ok()) return made_.status();
    return made_->get();
  }
  // Whether Get() would give one. Compiles anew and keeps nothing.
  absl::Status Check() const { return make_().status(); }
  absl::StatusOr<std::vector<Violation>> Validate(absl::string_view data,
                                                  size_t violations_max) const override {
    NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* schema, Get());
    return schema->Validate(data, violations_max);
  }
  absl::StatusOr<DataFindings> Inspect(absl::string_view data, size_t violations_max,
                                       size_t undeclared_max) const override {
    NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* schema, Get());
    return schema->Inspect(data, violations_max, undeclared_max);
  }
  const ClassifiedFields& Classified() const override {
    const absl::StatusOr<const CompiledSchema*> schema = Get();
    return schema.ok() ? (*schema)->Classified() : CompiledSchema::Classified();
  }
  absl::StatusOr<std::string> ToJson(absl::string_view data) const override {
    NEXUS_ASSIGN_OR_RETURN(const CompiledSchema* schema, Get());
    return schema->ToJson(data);
  }
  std::string Rendered(absl::string_view form) const override {
    const absl::StatusOr<const CompiledSchema*> schema = Get();
    return schema.ok() ? (*schema)->Rendered(form) : "";
  }

 private:
  const Make make_;
  mutable absl::once_flag once_;
  // Written under `once_` alone. Shared, as compilers give it.
  mutable absl::StatusOr<std::shared_ptr<const CompiledSchema>> made_ =
      absl::UnknownError("not compiled yet");
};

}  // namespace nexus::schema
