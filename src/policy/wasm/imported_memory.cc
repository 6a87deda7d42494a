#include "policy/wasm/imported_memory.h"

#include "policy/wasm/wasm_binary.h"

namespace nexus::policy {
namespace {

constexpr size_t kPage = 64 << 10;
constexpr uint8_t kImportSection = 2;
enum ImportKind : uint8_t { kFunction = 0, kTable = 1, kMemory = 2, kGlobal = 3 };

// The least of a pair of limits; steps over the most, if there is one.
uint32_t Least(WasmReader& reader) {
  const bool has_most = (reader.Byte() & 1) != 0;
  const uint32_t least = reader.Number();
  if (has_most) reader.Number();
  return least;
}

size_t MemoryOf(absl::string_view imports) {
  WasmReader reader(imports);
  const uint32_t count = reader.Number();
  for (uint32_t i = 0; i < count && reader.ok(); ++i) {
    reader.Text();
    reader.Text();
    switch (reader.Byte()) {
      case kFunction:
        reader.Number();
        break;
      case kTable:
        reader.Byte();
        Least(reader);
        break;
      case kMemory: {
        const uint32_t pages = Least(reader);
        return reader.ok() ? pages * kPage : 0;
      }
      case kGlobal:
        reader.Take(2);
        break;
      default:
        return 0;
    }
  }
  return 0;
}

}  // namespace

size_t ImportedMemoryMin(absl::string_view wasm) {
  for (const WasmSection& section : ReadSections(wasm)) {
    if (section.id == kImportSection) return MemoryOf(section.content);
  }
  return 0;
}

}  // namespace nexus::policy
