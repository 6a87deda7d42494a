#pragma once

// Which code makes the state of an aggregate: a snapshot of another digest is not used.
// docs/reference/snapshots.md.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "domain/domain_state.h"

namespace nexus::snapshot {

// The latest version of an event type's schema; 0: there is none.
using LatestVersion = absl::FunctionRef<uint32_t(absl::string_view type)>;

// The files that `script` reaches by its imports, itself included; by path. May have some that it
// does not reach, never lacks one.
std::vector<const domain::PackageFile*> ReachedFiles(const domain::DomainPackage& package,
                                                     absl::string_view script);

// SHA-256 in hexadecimal of all that makes a state out of the events of a stream: the files that
// the script of the aggregate reaches, its category, the upcasters of its domain and those of other
// domains for its events (the files that each reaches with it), and the latest versions of all
// event types that any of these name. Which commands and events it declares, and when it makes
// snapshots, are not in it. Pure.
std::string FoldDigest(const domain::AggregateRecord& aggregate,
                       const std::vector<domain::UpcasterRecord>& upcasters, LatestVersion latest);

// The digests of what is applied now, kept until something changes. Thread-safe.
struct FoldDigestParts {
  std::function<std::shared_ptr<const domain::DomainState>()> domains;
  std::function<uint64_t()> schema_epoch;  // goes up with every change of the registry
  std::function<uint32_t(absl::string_view type)> latest_version;
};
class FoldDigests {
 public:
  explicit FoldDigests(FoldDigestParts parts) : parts_(std::move(parts)) {}

  std::string Of(const domain::AggregateRecord& aggregate) ABSL_LOCKS_EXCLUDED(mutex_);

 private:
  struct Kept {
    std::shared_ptr<const domain::DomainState> state;
    std::string code_digest;
    uint64_t schema_epoch = 0;
    std::string digest;
  };

  const FoldDigestParts parts_;
  absl::Mutex mutex_;
  std::map<std::string, Kept, std::less<>> kept_ ABSL_GUARDED_BY(mutex_);  // by aggregate
};

}  // namespace nexus::snapshot
