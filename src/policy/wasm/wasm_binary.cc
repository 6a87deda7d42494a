#include "policy/wasm/wasm_binary.h"

#include "absl/strings/strip.h"

namespace nexus::policy {
namespace {

constexpr absl::string_view kHeader("\0asm\1\0\0\0", 8);
constexpr size_t kSectionsMax = 1'000;  // a dozen is usual

}  // namespace

uint8_t WasmReader::Byte() {
  const absl::string_view byte = Take(1);
  return byte.empty() ? 0 : static_cast<uint8_t>(byte.front());
}

uint32_t WasmReader::Number() {
  uint64_t number = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const uint8_t byte = Byte();
    number |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return static_cast<uint32_t>(number);
  }
  ok_ = false;
  return 0;
}

absl::string_view WasmReader::Take(size_t bytes) {
  ok_ = ok_ && bytes <= rest_.size();
  if (!ok_) return "";
  const absl::string_view taken = rest_.substr(0, bytes);
  rest_.remove_prefix(bytes);
  return taken;
}

std::vector<WasmSection> ReadSections(absl::string_view wasm) {
  if (!absl::ConsumePrefix(&wasm, kHeader)) return {};
  WasmReader reader(wasm);
  std::vector<WasmSection> sections;
  while (!reader.done()) {
    WasmSection section;
    section.id = reader.Byte();
    section.content = std::string(reader.Text());
    sections.push_back(std::move(section));
    if (sections.size() > kSectionsMax) return {};
  }
  if (!reader.ok()) return {};
  return sections;
}

std::string WriteSections(const std::vector<WasmSection>& sections) {
  std::string wasm(kHeader);
  for (const WasmSection& section : sections) {
    wasm.push_back(static_cast<char>(section.id));
    AppendText(wasm, section.content);
  }
  return wasm;
}

void AppendNumber(std::string& out, uint32_t number) {
  while (number >= 0x80) {
    out.push_back(static_cast<char>(number | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number));
}

void AppendSigned(std::string& out, int32_t number) {
  while (number < -64 || number > 63) {
    out.push_back(static_cast<char>((number & 0x7f) | 0x80));
    number >>= 7;
  }
  out.push_back(static_cast<char>(number & 0x7f));
}

void AppendText(std::string& out, absl::string_view bytes) {
  AppendNumber(out, static_cast<uint32_t>(bytes.size()));
  out.append(bytes.data(), bytes.size());
}

}  // namespace nexus::policy
