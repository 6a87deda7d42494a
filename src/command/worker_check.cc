#include "command/worker_check.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "engine/access_check.h"
#include "engine/denial_record.h"
#include "nexus/core/errors.h"
#include "nexus/core/text.h"

namespace nexus::command {
namespace {

constexpr size_t kAggregatesMax = 256;
constexpr size_t kNameBytesMax = 100;

absl::Status Malformed(absl::string_view message) {
  return MakeError(ErrorReason::kMalformedRequest, message);
}

}  // namespace

absl::Status CheckWorker(const WorkerProfile& profile, const engine::Caller& caller,
                         const domain::DomainState& domains, AuditLedger* ledger) {
  if (profile.name.size() > kNameBytesMax || FindControlCharacter(profile.name).has_value()) {
    return Malformed(absl::StrCat("hello.worker has at most ", kNameBytesMax,
                                  " bytes, and no control characters"));
  }
  if (profile.aggregates.empty() || profile.aggregates.size() > kAggregatesMax) {
    return Malformed(
        absl::StrCat("hello.aggregates names at least one and at most ", kAggregatesMax));
  }
  absl::flat_hash_set<absl::string_view> seen;
  for (const std::string& name : profile.aggregates) {
    if (!seen.insert(name).second) {
      return Malformed(absl::StrCat("hello.aggregates names ", name, " twice"));
    }
    const domain::AggregateRecord* const record = domains.FindAggregate(name);
    if (record == nullptr) {
      return MakeError(ErrorReason::kNotFound, absl::StrCat("no aggregate ", name, " is declared"));
    }
    const std::string& category = record->declaration.category;
    absl::Status allowed = engine::CheckHandleAccess(caller, category);
    if (!allowed.ok()) {
      return engine::WriteDenial(ledger, caller, "handle", category, std::move(allowed));
    }
    if (!record->declaration.is_remote()) {
      return Malformed(absl::StrCat("the aggregate ", name, " is decided by its script ",
                                    record->declaration.script));
    }
  }
  return absl::OkStatus();
}

}  // namespace nexus::command
