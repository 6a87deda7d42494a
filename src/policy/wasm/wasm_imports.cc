#include "policy/wasm/wasm_imports.h"

#include "policy/wasm/wasm_binary.h"

namespace nexus::policy {
namespace {

// The least of a pair of limits; steps over the most, if there is one.
uint32_t Least(WasmReader& reader) {
  const bool has_most = (reader.Byte() & 1) != 0;
  const uint32_t least = reader.Number();
  if (has_most) reader.Number();
  return least;
}

}  // namespace

std::optional<std::vector<WasmImport>> ReadImports(absl::string_view section) {
  WasmReader reader(section);
  std::vector<WasmImport> imports;
  for (uint32_t left = reader.Number(); left > 0 && reader.ok(); --left) {
    WasmImport import;
    reader.Text();  // the module
    import.name = reader.Text();
    import.kind = ImportKind{reader.Byte()};
    switch (import.kind) {
      case ImportKind::kFunction:
        reader.Number();  // its type
        break;
      case ImportKind::kTable:
        reader.Byte();  // the type of its elements
        import.least = Least(reader);
        break;
      case ImportKind::kMemory:
        import.least = Least(reader);
        break;
      case ImportKind::kGlobal:
        reader.Take(2);  // type, mutability
        break;
      default:
        return std::nullopt;
    }
    imports.push_back(import);
  }
  if (!reader.ok()) return std::nullopt;
  return imports;
}

}  // namespace nexus::policy
