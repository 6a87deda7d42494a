#pragma once

// The rules of criticality as a declaration, and which of them judge which event.
//
// A declaration judges the events that come after it in the log, and no other: so an event has one
// path for ever, whichever route looks at it and whenever. docs/reference/routes.md.

#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "nexus/core/position.h"
#include "nexus/port/json_reader.h"
#include "route/declaration/criticality.h"

namespace nexus::route {

inline constexpr char kRoutesStream[] = "$routes";
inline constexpr absl::string_view kClassificationDeclaredType = "$classification-declared";

inline constexpr size_t kClassificationBytesMax = 512 << 10;

// Strict, as ParseRoute(). What is not there has its default.
absl::StatusOr<CriticalityRules> ParseClassification(absl::string_view text, JsonReader& json);
std::string ClassificationText(const CriticalityRules& rules);

// A version of the rules. 0 is what the configuration says; it judges what precedes the first that
// was declared.
struct Classification {
  uint64_t version = 0;
  Position from;         // judges what comes after it
  std::string revision;  // digest of the text
  CriticalityRules rules;
};
using ClassificationPtr = std::shared_ptr<const Classification>;

// Thread-safe. `json` must outlive it.
class ClassificationHistory {
 public:
  ClassificationHistory(CriticalityRules configured, JsonReader& json);

  // The event at `position` declares `text`. Again: nothing happens. In any order; the version is
  // the number of declarations up to there.
  absl::Status Learn(Position position, absl::string_view text);

  // The same of the data of a `$classification-declared`.
  absl::Status LearnEvent(Position position, absl::string_view data);

  // What judges the event at `position`, of all that was learned so far.
  ClassificationPtr At(Position position) const;
  ClassificationPtr Latest() const;
  uint64_t count() const;

 private:
  JsonReader& json_;
  mutable absl::Mutex mutex_;
  absl::btree_map<uint64_t, ClassificationPtr> by_position_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace nexus::route
