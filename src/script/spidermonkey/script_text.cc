#include "script/spidermonkey/script_text.h"

#include <js/CharacterEncoding.h>
#include <js/String.h>

#include <cstdint>
#include <cstring>

namespace nexus::script {

bool AppendUtf8(JSContext* context, JS::HandleString string, std::string& text) {
  JSLinearString* linear = JS_EnsureLinearString(context, string);
  if (linear == nullptr) return false;
  const size_t before = text.size();
  text.resize(before + JS::GetDeflatedUTF8StringLength(linear));
  JS::DeflateStringToUTF8Buffer(linear, mozilla::Span(text.data() + before, text.size() - before));
  return true;
}

bool IsAscii(absl::string_view text) {
  const char* at = text.data();
  size_t left = text.size();
  for (; left >= sizeof(uint64_t); at += sizeof(uint64_t), left -= sizeof(uint64_t)) {
    uint64_t word = 0;
    std::memcpy(&word, at, sizeof(word));
    if ((word & 0x8080808080808080u) != 0) return false;
  }
  for (; left > 0; ++at, --left) {
    if ((static_cast<unsigned char>(*at) & 0x80u) != 0) return false;
  }
  return true;
}

JSString* NewString(JSContext* context, absl::string_view text) {
  if (IsAscii(text)) return JS_NewStringCopyN(context, text.data(), text.size());
  return JS_NewStringCopyUTF8N(context, JS::UTF8Chars(text.data(), text.size()));
}

std::string CutUtf8(std::string text, size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  size_t end = bytes_max - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u) --end;
  text.resize(end);
  return text + "...";
}

}  // namespace nexus::script
