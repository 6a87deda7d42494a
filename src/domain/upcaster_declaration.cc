#include "domain/upcaster_declaration.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "declaration/strict_object.h"
#include "nexus/core/status_macros.h"

namespace nexus::domain {
namespace {

constexpr uint64_t kVersionMax = 1'000'000;

}  // namespace

absl::StatusOr<UpcasterDeclaration> ParseUpcaster(const DeclarationHeader& header,
                                                  JsonReader& json) {
  if (!IsPlainName(header.name)) {
    return declaration::DeclarationFault(
        "/metadata/name", absl::StrCat("'", header.name, "' is not of a-z, 0-9 and '-'"));
  }
  UpcasterDeclaration upcaster;
  upcaster.name = header.name;
  declaration::StrictObject object(json, header.spec, "/spec");
  for (const char* name : {"script", "type", "from"}) object.Require(name);
  object.Text("script", upcaster.script);
  object.Text("type", upcaster.type);
  upcaster.to_type = upcaster.type;
  object.Text("to_type", upcaster.to_type);
  uint64_t from = 0;
  object.Number("from", from, 1, kVersionMax);
  uint64_t to = upcaster.to_type == upcaster.type ? from + 1 : 1;
  object.Number("to", to, 1, kVersionMax);
  if (upcaster.to_type == upcaster.type && to != from + 1) {
    object.Fail("to", absl::StrCat("the step from version ", from, " goes to version ", from + 1));
  }
  for (const auto& [name, type] :
       {std::pair("type", &upcaster.type), std::pair("to_type", &upcaster.to_type)}) {
    if (object.status().ok() && (type->empty() || type->front() == '$')) {
      object.Fail(name, "a type of your own is needed");
    }
  }
  NEXUS_RETURN_IF_ERROR(object.Finish());
  upcaster.from = static_cast<uint32_t>(from);
  upcaster.to = static_cast<uint32_t>(to);
  return upcaster;
}

}  // namespace nexus::domain
