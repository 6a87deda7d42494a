#pragma once

// Schemas and verdicts as the server tells them.

#include <cstdint>
#include <string>
#include <vector>

#include "nexus/core/errors.h"
#include "nexus/core/position.h"

namespace nexus::client {

struct Schema {
  std::string subject;
  uint32_t version = 0;
  std::string definition;  // JSON Schema text
  std::string digest;      // SHA-256 of the canonical form, hexadecimal
  std::string registered_by;
  Timestamp registered;
  std::string comment;
};

struct SchemaQuery {
  std::string subject;  // empty: every subject
  bool latest_only = false;
};

struct Validation {
  bool valid = false;
  uint32_t version = 0;  // the version that was used
  std::vector<Violation> violations;
};

enum class SchemaMode { kRequired, kOptional };

struct PolicyVerdict {
  bool allowed = false;
  std::vector<PolicyDenial> denials;
  std::string policy_revision;
};

}  // namespace nexus::client
