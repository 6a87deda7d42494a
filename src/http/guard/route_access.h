#pragma once

// What each path of the HTTP port asks of its caller, as rpc/method_access.h does for methods. A
// path without a row keeps the server from starting.

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "identity/operation.h"

namespace nexus::http {

struct RouteAccess {
  std::string path;
  // That must be allowed on the server; nothing: the path is public, and counts towards no limit.
  std::optional<identity::Operation> operation = {};
  // The same for `?verbose`, which tells more.
  std::optional<identity::Operation> verbose = {};
};

const std::vector<RouteAccess>& RouteAccessTable();
// Null: there is no row.
const RouteAccess* FindRouteAccess(absl::string_view path);

}  // namespace nexus::http
