#pragma once

// Compiled rules: whether an operation is allowed, in well under a microsecond and without a byte
// allocated.
//
// Immutable once built, hence thread-safe.

#include <array>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "identity/access/name_set.h"
#include "identity/access/role.h"
#include "identity/operation.h"
#include "identity/selector.h"

namespace nexus::identity {

class AccessMatcher {
 public:
  // Rules add up; the order does not matter. Nothing is allowed before the first.
  void Add(Effect effect, const OperationSet& operations, const Selector& selector,
           bool system_streams);

  // One event of `stream`.
  bool Allows(Operation operation, absl::string_view stream, absl::string_view type) const;
  // Any event of `stream`, whatever its type.
  bool AllowsStream(Operation operation, absl::string_view stream) const;
  // Some events of `stream`: which ones has to be asked.
  bool AllowsSomeOf(Operation operation, absl::string_view stream) const;
  // Any event of any stream, the server's own too.
  bool AllowsEverything(Operation operation) const;
  // Something: what there is has to be asked item by item.
  bool AllowsSomething(Operation operation) const;
  // A subject of the schema registry. Rules that name streams say nothing about subjects.
  bool AllowsSubject(Operation operation, absl::string_view subject) const;
  // An operation on the server as a whole. Rules that name streams or types do not allow it.
  bool AllowsServer(Operation operation) const;

  // The same rules, in whatever order they came.
  friend bool operator==(const AccessMatcher&, const AccessMatcher&) = default;

 private:
  // The types that are meant, by stream.
  struct Rules {
    NameSet clients;  // streams that do not begin with '$'
    NameSet system;   // those that do
    absl::flat_hash_map<std::string, NameSet> by_category;
    PrefixMap<NameSet> by_prefix;
    bool empty = true;

    void Add(const Selector& selector, bool system_streams);
    // Whether `holds` for the types of any rule about the stream.
    template <typename Holds>
    bool AnyAbout(absl::string_view stream, Holds holds) const;
    friend bool operator==(const Rules&, const Rules&) = default;
  };
  struct Both {
    Rules allow;
    Rules deny;

    friend bool operator==(const Both&, const Both&) = default;
  };

  const Both& Of(Operation operation) const {
    return by_operation_[static_cast<size_t>(operation)];
  }

  std::array<Both, kOperations> by_operation_;
};

}  // namespace nexus::identity
