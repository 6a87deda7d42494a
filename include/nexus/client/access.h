#pragma once

// API tokens, roles and who has them, as the client sees them.

#include <optional>
#include <string>
#include <vector>

#include "nexus/core/position.h"

namespace nexus::client {

struct TokenDraft {
  std::string principal;
  std::vector<std::string> roles = {};
  std::vector<std::string> operations = {};  // empty: all that its roles allow
  std::vector<std::string> categories = {};  // these three narrow what the roles allow
  std::vector<std::string> stream_prefixes = {};
  std::vector<std::string> event_types = {};
  std::optional<Timestamp> expires = {};
  std::string comment = {};
};

struct TokenInfo {
  std::string id;
  std::string principal;
  std::vector<std::string> roles;
  std::vector<std::string> operations;
  std::vector<std::string> categories;
  std::vector<std::string> stream_prefixes;
  std::vector<std::string> event_types;
  std::optional<Timestamp> expires;
  Timestamp created;
  std::string created_by;
  std::string comment;
  bool revoked = false;
};

struct NewToken {
  TokenInfo info;
  std::string text;  // secret; told once
};

struct RoleInfo {
  std::string name;
  std::vector<std::string> operations = {};
  bool system_streams = false;  // covers the server's own streams too, where no stream is named
  std::string comment = {};
  bool built_in = false;
};

// Who has (or, with `deny`, must not use) a role, and where.
struct BindingInfo {
  std::string id = {};         // given by the server
  std::string principal = {};  // one of these two
  std::string group = {};
  std::string role;
  bool deny = false;
  std::vector<std::string> categories = {};
  std::vector<std::string> stream_prefixes = {};
  std::vector<std::string> event_types = {};
  std::string comment = {};
  Timestamp created = {};
  std::string created_by = {};
};

}  // namespace nexus::client
