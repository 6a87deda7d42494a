#include "identity/operation.h"

#include <array>

namespace nexus::identity {
namespace {

constexpr std::array<absl::string_view, kOperations> kNames = {
    "append",       "read",          "subscribe",     "query",      "replay",      "schema-read",
    "schema-write", "policy-read",   "policy-write",  "route-read", "route-write", "status-read",
    "maintain",     "access-read",   "access-write",  "execute",    "domain-read", "domain-write",
    "handle",       "snapshot-read", "snapshot-write"};

}  // namespace

absl::string_view OperationName(Operation operation) {
  return kNames[static_cast<size_t>(operation)];
}

std::optional<Operation> ParseOperation(absl::string_view name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (kNames[i] == name) return static_cast<Operation>(i);
  }
  return std::nullopt;
}

std::vector<Operation> OperationSet::ToList() const {
  std::vector<Operation> list;
  for (size_t i = 0; i < kOperations; ++i) {
    if (Contains(static_cast<Operation>(i))) list.push_back(static_cast<Operation>(i));
  }
  return list;
}

}  // namespace nexus::identity
