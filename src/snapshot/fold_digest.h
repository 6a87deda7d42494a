#pragma once

// Which code makes the state of an aggregate: a snapshot of another digest is not used.
// docs/reference/snapshots.md.

#include <cstddef>
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
#include "nexus/port/snapshot_store.h"

namespace nexus::snapshot {

// The latest version of an event type's schema; 0: there is none.
using LatestVersion = absl::FunctionRef<uint32_t(absl::string_view type)>;

// Types of events that a state was made of although its aggregate does not declare them; sorted,
// distinct. Of a state that was made of more than so many they are not collected: it has no digest
// and no snapshot.
using OtherTypes = std::vector<std::string>;
inline constexpr size_t kOtherTypesMax = 256;

// The files that `script` reaches by its imports, itself included; by path. May have some that it
// does not reach, never lacks one.
std::vector<const domain::PackageFile*> ReachedFiles(const domain::DomainPackage& package,
                                                     absl::string_view script);

// SHA-256 in hexadecimal of all that makes a state out of the events of a stream: the files that
// the script of the aggregate reaches, its category, the upcasters of its domain and those of other
// domains for the types that it declares, that any of these leads to, or that are in `others` (the
// files that each reaches with it), and the latest versions of all these types. Which commands and
// events it declares, and when it makes snapshots, are not in it. Pure.
std::string FoldDigest(const domain::AggregateRecord& aggregate,
                       const std::vector<domain::UpcasterRecord>& upcasters, LatestVersion latest,
                       const OtherTypes& others = {});

// The digests of what is applied now, kept until something changes. Thread-safe.
struct FoldDigestParts {
  std::function<std::shared_ptr<const domain::DomainState>()> domains;
  std::function<uint64_t()> schema_epoch;  // goes up with every change of the registry
  std::function<uint32_t(absl::string_view type)> latest_version;
};
class FoldDigests {
 public:
  explicit FoldDigests(FoldDigestParts parts) : parts_(std::move(parts)) {}

  std::string Of(const domain::AggregateRecord& aggregate, const OtherTypes& others = {})
      ABSL_LOCKS_EXCLUDED(mutex_);
  // Whether what folds now would have made this snapshot of `aggregate`.
  bool AreOf(const domain::AggregateRecord& aggregate, const SnapshotInfo& info) {
    return Of(aggregate, info.other_types) == info.code_digest;
  }

  // What digests follow from. As long as it is the same, so are they.
  struct Sources {
    std::shared_ptr<const domain::DomainState> domains;
    uint64_t schema_epoch = 0;

    friend bool operator==(const Sources&, const Sources&) = default;
  };
  Sources Now() const { return {parts_.domains(), parts_.schema_epoch()}; }

 private:
  struct Kept {
    Sources sources;
    std::string code_digest;
    std::string digest;
  };

  const FoldDigestParts parts_;
  absl::Mutex mutex_;
  // By aggregate, and by the other types if there are any.
  std::map<std::string, Kept, std::less<>> kept_ ABSL_GUARDED_BY(mutex_);
};

// Remembers what digests followed from, and keeps none of it in memory. A value.
class SourcesMark {
 public:
  SourcesMark() = default;  // of nothing that there is
  explicit SourcesMark(const FoldDigests::Sources& sources)
      : domains_(sources.domains), schema_epoch_(sources.schema_epoch) {}

  bool IsOf(const FoldDigests::Sources& sources) const {
    return schema_epoch_ == sources.schema_epoch && sources.domains != nullptr &&
           domains_.lock() == sources.domains;
  }

 private:
  std::weak_ptr<const domain::DomainState> domains_;
  uint64_t schema_epoch_ = 0;
};

}  // namespace nexus::snapshot
