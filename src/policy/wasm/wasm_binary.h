#pragma once

// Reads and writes the binary format of WebAssembly as far as strict_builtins.h needs it: sections,
// numbers, names. Pure. https://webassembly.github.io/spec/core/binary/

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace nexus::policy {

// Reads from the front. After the first thing that is not there `ok()` stays false and what is read
// is empty.
class WasmReader {
 public:
  explicit WasmReader(absl::string_view bytes) : rest_(bytes) {}

  bool ok() const { return ok_; }
  bool done() const { return rest_.empty() || !ok_; }
  uint8_t Byte();
  uint32_t Number();  // LEB128
  absl::string_view Take(size_t bytes);
  absl::string_view Text() { return Take(Number()); }  // with its size in front
  absl::string_view rest() const { return rest_; }

 private:
  absl::string_view rest_;
  bool ok_ = true;
};

struct WasmSection {
  uint8_t id = 0;
  std::string content;
};

// Of the whole module, in order; empty if it is not sound or has more than a thousand.
std::vector<WasmSection> ReadSections(absl::string_view wasm);
std::string WriteSections(const std::vector<WasmSection>& sections);

void AppendNumber(std::string& out, uint32_t number);        // LEB128
void AppendSigned(std::string& out, int32_t number);         // signed LEB128
void AppendText(std::string& out, absl::string_view bytes);  // with its size in front

}  // namespace nexus::policy
