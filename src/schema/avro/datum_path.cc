#include "schema/avro/datum_path.h"

#include "schema/json/json_pointer.h"

namespace nexus::schema {

std::string DatumPath::Pointer() const {
  std::string pointer;
  for (auto token = tokens_.rbegin(); token != tokens_.rend(); ++token) {
    AppendPointerToken(pointer, absl::string_view(*token));
  }
  return pointer;
}

Violation DatumViolation(const DatumFault& fault, const DatumPath& path) {
  Violation violation;
  violation.pointer = path.Pointer();
  violation.keyword = fault.keyword;
  violation.expected = fault.expected;
  violation.actual = fault.actual;
  violation.message = absl::StrCat(violation.pointer.empty() ? "the datum" : violation.pointer,
                                   ": expected ", fault.expected, ", found ", fault.actual);
  return violation;
}

}  // namespace nexus::schema
