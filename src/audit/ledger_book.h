#pragma once

// What is to be written down, gathered: the first of a kind at once, more of it within a window as
// one row with a count, and what is of too many kinds as one row for its principal. So a flood
// costs a bounded number of events, and none of it goes uncounted.
//
// Pure; not thread-safe.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "nexus/core/clock.h"
#include "nexus/core/ids.h"
#include "nexus/core/position.h"

namespace nexus::audit {

struct LedgerRow {
  std::string type;
  std::string body;  // members of a JSON object, without the braces
  std::vector<std::string> tags = {};
  std::string correlation_id = {};
};

// A row that has been counted.
struct CountedRow {
  UuidBytes id{};
  LedgerRow row;
  uint64_t count = 0;
  Timestamp first;
  Timestamp last;

  // {"decision_id":...,BODY,"count":...,"first_time":...,"last_time":...}
  std::string Data() const;
};

struct LedgerBookOptions {
  absl::Duration window = absl::Seconds(10);
  size_t kinds_per_principal_max = 32;
  size_t kinds_max = 4'096;
  size_t singles_max = 4'096;  // that wait
  std::string type_of_others = {};
};

// When something happened.
struct LedgerTime {
  Timestamp wall;
  absl::Duration monotonic;
};

class LedgerBook {
 public:
  using NewId = absl::FunctionRef<UuidBytes()>;

  explicit LedgerBook(LedgerBookOptions options) : options_(std::move(options)) {}

  // Counts one more of a kind and gives the id of the row that will tell of it. `describe` runs if
  // there is no such row yet.
  UuidBytes Count(absl::string_view principal, absl::string_view kind,
                  absl::FunctionRef<LedgerRow()> describe, NewId new_id, LedgerTime now);

  // A row of its own; among too many that wait it is one of the others of its principal.
  void Add(absl::string_view principal, LedgerRow row, NewId new_id, LedgerTime now);

  // At most `max` rows whose time has come, or of all; they are no longer here.
  std::vector<CountedRow> TakeDue(absl::Duration monotonic, size_t max, bool all);

  const CountedRow* Find(const UuidBytes& id) const;
  bool empty() const { return kinds_.empty() && singles_.empty(); }
  // Counted into a row that was there already.
  uint64_t merged() const { return merged_; }

 private:
  struct Kind {
    std::string principal;
    std::optional<CountedRow> waiting;
    absl::Duration due;  // of what waits; without it the kind is forgotten then
  };

  std::string PlaceOf(absl::string_view principal, absl::string_view kind) const;
  static std::string KeyOf(absl::string_view principal, absl::string_view kind);
  void Forget(const Kind& kind);

  const LedgerBookOptions options_;
  absl::flat_hash_map<std::string, Kind> kinds_;
  absl::flat_hash_map<std::string, size_t> kinds_of_;  // by principal
  std::deque<CountedRow> singles_;
  uint64_t merged_ = 0;
};

}  // namespace nexus::audit
