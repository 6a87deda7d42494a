#include "domain/role_declaration.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {

absl::StatusOr<RoleDeclaration> ParseRole(const DeclarationHeader& header, JsonReader& json) {
  RoleDeclaration role;
  role.name = header.name;
  role.comment = header.comment;
  std::vector<std::string> operations;
  declaration::StrictObject object(json, header.spec, "/spec");
  object.Require("operations");
  object.Texts("operations", operations, identity::kOperations);
  object.Flag("system_streams", role.system_streams);
  if (object.status().ok() && operations.empty())
    object.Fail("operations", "one at least is needed");
  for (size_t i = 0; i < operations.size(); ++i) {
    const std::optional<identity::Operation> operation = identity::ParseOperation(operations[i]);
    const std::string place = absl::StrCat("operations/", i);
    if (!operation.has_value()) {
      object.Fail(place, absl::StrCat("'", operations[i], "' is no operation"));
    } else if (role.operations.Contains(*operation)) {
      object.Fail(place, absl::StrCat(operations[i], " is there twice"));
    } else {
      role.operations.Add(*operation);
    }
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  return role;
}

}  // namespace nexus::domain
