#include "sink/outbound/header_text.h"

namespace nexus::sink {

std::string HeaderText(absl::string_view value) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string text;
  text.reserve(value.size());
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 127 && c != '"' && c != '%') {
      text += c;
    } else {
      text += {'%', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return text;
}

}  // namespace nexus::sink
