#pragma once

// The code of one upcaster in a script engine.
//
// Belongs to the thread of its context and goes before it. Errors: DOMAIN_CODE_FAILED with
// "upcaster", "domain" and "input_digest". After one that leaves it `broken()` it is to be thrown
// away.

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/domain_state.h"
#include "nexus/core/event.h"
#include "script/script_engine.h"

namespace nexus::domain {

// What `upcast` sees of an event that is in `version` now: one JSON object.
// docs/reference/upcasters.md.
std::string UpcastView(const RecordedEvent& event, uint32_t version);

class UpcasterCode {
 public:
  // Compiles and runs the module, which has to export `upcast`.
  static absl::StatusOr<std::unique_ptr<UpcasterCode>> Load(script::ScriptContext& context,
                                                            const UpcasterRecord& record,
                                                            const script::CallLimits& limits);

  // Whether this is the code of `record`. Other upcasters of the package may have the same.
  bool IsOf(const UpcasterRecord& record) const;
  bool broken() const { return broken_; }

  // The data of what `upcast` gives, as JSON. `view`: UpcastView() of an event that `declaration`
  // takes.
  absl::StatusOr<std::string> Run(const UpcasterDeclaration& declaration, absl::string_view view);

 private:
  UpcasterCode(const UpcasterRecord& record, std::unique_ptr<script::ScriptModule> module,
               script::ScriptFunction run, const script::CallLimits& limits);

  const std::string domain_;
  const std::string script_;
  // Shared with the state that declares it: as long as it lives nothing else has its address.
  const std::shared_ptr<const DomainPackage> package_;
  const std::unique_ptr<script::ScriptModule> module_;
  const script::ScriptFunction run_;
  const script::CallLimits limits_;
  bool broken_ = false;
};

// Whether it can be loaded: in a context of its own, on the calling thread; takes milliseconds.
// DOMAIN_CODE_FAILED.
absl::Status CheckUpcasterCode(script::ScriptEngine& engine, const UpcasterRecord& record,
                               const script::CallLimits& limits);

}  // namespace nexus::domain
