#include "policy/wasm/imported_memory.h"

#include "policy/wasm/wasm_binary.h"
#include "policy/wasm/wasm_imports.h"

namespace nexus::policy {
namespace {

constexpr size_t kPage = 64 << 10;
constexpr uint8_t kImportSection = 2;

}  // namespace

size_t ImportedMemoryMin(absl::string_view wasm) {
  for (const WasmSection& section : ReadSections(wasm)) {
    if (section.id != kImportSection) continue;
    const auto imports = ReadImports(section.content);
    if (!imports.has_value()) return 0;
    for (const WasmImport& import : *imports) {
      if (import.kind == ImportKind::kMemory) return import.least * kPage;
    }
  }
  return 0;
}

}  // namespace nexus::policy
