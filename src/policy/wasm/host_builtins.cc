#include "policy/wasm/host_builtins.h"

#include "absl/strings/str_cat.h"

namespace nexus::policy {

const NamedBuiltin* FindHostBuiltin(absl::string_view name) {
  for (const absl::Span<const NamedBuiltin> family :
       {TextBuiltins(), EncodingBuiltins(), DigestBuiltins(), VersionBuiltins(), UnitBuiltins(),
        PatternBuiltins(), ObjectBuiltins()}) {
    for (const NamedBuiltin& builtin : family) {
      if (builtin.name == name) return &builtin;
    }
  }
  return nullptr;
}

absl::StatusOr<absl::string_view> StringOperand(absl::Span<const RegoValue> operands,
                                                size_t index) {
  if (operands[index].is(RegoValue::Kind::kString)) return operands[index].text;
  return absl::InvalidArgumentError(absl::StrCat("operand ", index + 1, " must be a string"));
}

}  // namespace nexus::policy
