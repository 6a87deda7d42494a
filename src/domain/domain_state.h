#pragma once

// Which domains there are, and what they declare, at one point of the log.
//
// Immutable once built; thread-safe as such. docs/reference/domains.md.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/aggregate_declaration.h"
#include "domain/domain_package.h"
#include "domain/policy_declaration.h"
#include "domain/upcaster_declaration.h"
#include "nexus/core/position.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

struct AggregateRecord {
  AggregateDeclaration declaration;
  std::string domain;
  uint64_t domain_version = 0;
  // Holds the code.
  std::shared_ptr<const DomainPackage> package;
  // SHA-256 in hexadecimal of what makes the state: the declaration's category, every file of the
  // package that its script could import, and the upcasters that its events may go through.
  // Snapshots of another digest are not used.
  std::string code_digest;
};

struct UpcasterRecord {
  UpcasterDeclaration declaration;
  std::string domain;
  std::shared_ptr<const DomainPackage> package;
};

struct PolicyRecord {
  PolicyDeclaration declaration;
  std::string domain;
  uint64_t domain_version = 0;
  std::shared_ptr<const DomainPackage> package;
  std::vector<std::string> categories;  // that it decides about: resolved, sorted, unique
  std::string digest;                   // SHA-256 in hexadecimal of the bundle's text

  // In base64; of `package`.
  const std::string& bundle_text() const {
    return package->FindFile(declaration.bundle_path())->text;
  }
};

// One version of a domain as it was applied.
struct DomainRecord {
  std::shared_ptr<const DomainPackage> package;
  uint64_t version = 0;  // 1 with the first; a rollback is a new one
  std::string digest;    // of the package
  Position position;     // of the event that applied it
  Timestamp applied;
  std::string principal;
  std::string comment;
  bool removed = false;         // in a history: from here on there is none
  uint64_t rolled_back_to = 0;  // the version whose package this is again; 0: it is new
};

class DomainState {
 public:
  // All that `domains` declare, by name of the domain. MALFORMED_REQUEST with path and JSON
  // pointer: a declaration that cannot be read, a file that is missing, a name, a command or a
  // category that two aggregates claim, a policy of another domain's streams or of none.
  static absl::StatusOr<std::shared_ptr<const DomainState>> Build(
      std::map<std::string, DomainRecord> domains, JsonReader& json);

  // Null if there is none.
  const AggregateRecord* FindCommand(absl::string_view command) const;
  const AggregateRecord* FindAggregate(absl::string_view name) const;
  const AggregateRecord* FindCategory(absl::string_view category) const;

  const std::vector<std::shared_ptr<const AggregateRecord>>& aggregates() const {
    return aggregates_;
  }
  const std::vector<UpcasterRecord>& upcasters() const { return upcasters_; }
  // By domain and name.
  const std::vector<PolicyRecord>& policies() const { return policies_; }
  const std::map<std::string, DomainRecord>& domains() const { return domains_; }

 private:
  using ByName = absl::flat_hash_map<std::string, const AggregateRecord*>;

  absl::Status Take(const DomainRecord& domain, JsonReader& json);
  absl::Status TakeAggregate(const DomainRecord& domain, const PackageFile& file,
                             AggregateDeclaration declaration);
  absl::Status TakeUpcaster(const DomainRecord& domain, const PackageFile& file,
                            UpcasterDeclaration declaration);
  absl::Status TakePolicy(const DomainRecord& domain, const PackageFile& file,
                          PolicyDeclaration declaration);
  // To be called when all aggregates are known.
  absl::Status ResolveCategories();
  void MakeDigests();
  std::string CodeDigest(const AggregateRecord& aggregate) const;
  // Of the upcasters that events of `aggregate` may go through; empty if there is none.
  std::string UpcasterDigest(const AggregateRecord& aggregate) const;
  // Of a package, but for what is of policies alone.
  void AppendFiles(const DomainPackage& package, std::string& bytes) const;

  std::map<std::string, DomainRecord> domains_;
  std::vector<std::shared_ptr<const AggregateRecord>> aggregates_;
  std::vector<UpcasterRecord> upcasters_;
  std::vector<PolicyRecord> policies_;
  std::vector<const PackageFile*> policy_files_;  // where each stands, while they are being built
  std::vector<AggregateRecord*> taken_;  // the same as `aggregates_`, while they are being built
  ByName by_command_;
  ByName by_name_;
  ByName by_category_;
};

}  // namespace nexus::domain
