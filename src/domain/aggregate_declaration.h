#pragma once

// An aggregate: which commands it takes, which events it decides upon, and who decides.
// docs/reference/domains.md has the JSON form.
//
// Values; thread-safe as such.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "domain/declaration_header.h"
#include "nexus/port/json_reader.h"

namespace nexus::domain {

enum class SnapshotMode : uint8_t { kFixed, kAdaptive, kNone };

struct SnapshotDeclaration {
  SnapshotMode mode = SnapshotMode::kFixed;
  uint64_t events = 1'000;         // of kFixed: more than these since the last
  uint64_t state_bytes = 1 << 20;  // of kFixed: a larger state, then again when it grew by half
  uint64_t keep = 2;               // snapshots of one aggregate; older ones are removed

  friend bool operator==(const SnapshotDeclaration&, const SnapshotDeclaration&) = default;
};

struct AggregateDeclaration {
  std::string name;      // [a-z0-9-]+
  std::string category;  // its streams are "<category>-<id>"; default: the name
  // A file of the package: a module with `initial`, `evolve` and `decide`. Empty: a worker decides
  // (CommandService.Handle).
  std::string script = {};
  std::string id_pointer;             // of the id in a command's data (RFC 6901)
  std::vector<std::string> commands;  // each has a schema of that subject
  std::vector<std::string> events;    // the types that it may decide upon
  SnapshotDeclaration snapshots = {};

  bool is_remote() const { return script.empty(); }

  friend bool operator==(const AggregateDeclaration&, const AggregateDeclaration&) = default;
};

// Reads the `spec` of a declaration of kAggregate strictly. MALFORMED_REQUEST with the JSON pointer
// of what is wrong.
absl::StatusOr<AggregateDeclaration> ParseAggregate(const DeclarationHeader& header,
                                                    JsonReader& json);

}  // namespace nexus::domain
