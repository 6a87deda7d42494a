#pragma once

// What a caller may be allowed to do. Names are stored in events and written in bindings: they
// never change.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::identity {

enum class Operation : uint8_t {
  // On streams, and the types of their events.
  kAppend,
  kRead,
  kSubscribe,
  kQuery,   // reads by time, and of the past
  kReplay,  // delivery of what was delivered before
  // On subjects of the schema registry.
  kSchemaRead,
  kSchemaWrite,
  // On the server as a whole.
  kPolicyRead,
  kPolicyWrite,
  kRouteRead,
  kRouteWrite,
  kStatusRead,
  kMaintain,  // verify, rebuild indexes, back up
  kAccessRead,
  kAccessWrite,
  // On streams, and the types of commands to their aggregates.
  kExecute,
  // On the server as a whole: domains, and with them schemas, routes and code.
  kDomainRead,
  kDomainWrite,
  kHandle,  // on streams: decides the commands to their aggregates
  // On the server as a whole: states of aggregates as they are kept.
  kSnapshotRead,
  kSnapshotWrite,
};

inline constexpr size_t kOperations = 21;

// "append", "schema-read".
absl::string_view OperationName(Operation operation);
std::optional<Operation> ParseOperation(absl::string_view name);

class OperationSet {
 public:
  constexpr OperationSet() = default;
  constexpr OperationSet(std::initializer_list<Operation> operations) {
    for (const Operation operation : operations) Add(operation);
  }
  static constexpr OperationSet All() {
    OperationSet all;
    all.bits_ = (1u << kOperations) - 1;
    return all;
  }

  constexpr void Add(Operation operation) { bits_ |= 1u << static_cast<unsigned>(operation); }
  constexpr bool Contains(Operation operation) const {
    return (bits_ >> static_cast<unsigned>(operation) & 1u) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }
  // In the order of the enum.
  std::vector<Operation> ToList() const;

  friend constexpr bool operator==(const OperationSet&, const OperationSet&) = default;

 private:
  uint32_t bits_ = 0;
};

}  // namespace nexus::identity
