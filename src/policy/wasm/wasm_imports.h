#pragma once

// What a module of WebAssembly imports.

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::policy {

enum class ImportKind : uint8_t { kFunction = 0, kTable = 1, kMemory = 2, kGlobal = 3 };

struct WasmImport {
  absl::string_view name;  // without its module's; of the section's bytes
  ImportKind kind = ImportKind::kFunction;
  uint32_t least = 0;  // of a table or a memory: elements or pages to begin with
};

// Of the content of the import section, in order. Nothing: it is not sound.
std::optional<std::vector<WasmImport>> ReadImports(absl::string_view section);

}  // namespace nexus::policy
