#pragma once

// One ApplyDomain() or RemoveDomain() on its way. Of one thread at a time. Seen by the files of the
// applier alone.

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "domain/apply/domain_applier.h"

namespace nexus::domain {

struct DomainApplier::Application {
  std::shared_ptr<DomainEvent> event;
  ApplyOptions options;
  engine::Caller caller;
  Done<ApplyOutcome> done;
  PackageParts parts;
  PackageParts before;  // of the version that holds now; nothing if there is none
  std::shared_ptr<const DomainPackage> old;
  // What each schema is or becomes, as of the last plan.
  std::shared_ptr<std::vector<schema::PlannedSchema>> planned =
      std::make_shared<std::vector<schema::PlannedSchema>>();
  // By upcaster: with how many stored events it was tried. Once, with the first plan.
  std::map<std::string, uint64_t> tried;
  // Policies that were found to be good, with the first plan.
  std::set<std::string> checked_policies;
  AdmissionStamp stamp;
  ApplyOutcome outcome;
};

// Null: `parts` declare no such thing.
inline const Declared* FindIn(const PackageParts& parts, Kind kind, const std::string& name) {
  for (const Declared& declared : parts.all) {
    if (declared.kind == kind && declared.name == name) return &declared;
  }
  return nullptr;
}

inline bool DeclaresAny(const PackageParts& parts, Kind kind) {
  return std::any_of(parts.all.begin(), parts.all.end(),
                     [kind](const Declared& declared) { return declared.kind == kind; });
}

}  // namespace nexus::domain
