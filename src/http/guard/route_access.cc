#include "http/guard/route_access.h"

namespace nexus::http {

const std::vector<RouteAccess>& RouteAccessTable() {
  using enum identity::Operation;
  static const auto& table = *new std::vector<RouteAccess>{
      {"/"},  // which paths there are, and the version
      {"/metrics", kStatusRead, kStatusRead},
      // Whoever restarts a process, or sends traffic to it, has no credentials; he learns one bit,
      // and which part it is.
      {"/health/live"},
      {"/health/ready", std::nullopt, kStatusRead},
  };
  return table;
}

const RouteAccess* FindRouteAccess(absl::string_view path) {
  for (const RouteAccess& row : RouteAccessTable()) {
    if (row.path == path) return &row;
  }
  return nullptr;
}

}  // namespace nexus::http
