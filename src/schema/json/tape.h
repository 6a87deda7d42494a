#pragma once

// Reading a document where the parser left it: a tape of 64-bit words, one a value, whose upper
// byte tells the type. The parser's own accessors go through the document at every step; a loop
// over the tape does not.
//
// A string's word has the offset of its length and text, a container's the index behind it, and
// a number's is followed by the number. All names and values of an object follow its first word.

#include <simdjson.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "schema/json/json_document.h"
#include "schema/json/schema_model.h"

namespace nexus::schema {

class Tape {
 public:
  explicit Tape(const simdjson::dom::document& document)
      : document_(&document),
        words_(document.tape.get()),
        strings_(reinterpret_cast<const char*>(document.string_buf.get())) {}

  // The tape that `element` lies on, and its place there.
  static Tape Of(JsonElement element) { return Tape(*RefOf(element).doc); }
  static size_t IndexOf(JsonElement element) { return RefOf(element).json_index; }

  JsonElement ElementAt(size_t i) const {
    return std::bit_cast<JsonElement>(simdjson::internal::tape_ref(document_, i));
  }

  char TagAt(size_t i) const { return static_cast<char>(words_[i] >> 56); }
  // Behind a container's last word; for other values see Next().
  size_t EndOf(size_t i) const { return static_cast<uint32_t>(words_[i]); }
  size_t Next(size_t i, char tag) const {
    if (tag == '{' || tag == '[') return EndOf(i);
    return i + (tag == 'l' || tag == 'd' || tag == 'u' ? 2 : 1);
  }

  // Behind each text there are bytes of the buffer, at least eight.
  std::string_view TextAt(size_t i) const {
    const char* const at = strings_ + (words_[i] & kPayload);
    uint32_t length = 0;
    std::memcpy(&length, at, sizeof(length));
    return {at + sizeof(length), length};
  }
  int64_t IntAt(size_t i) const { return static_cast<int64_t>(words_[i + 1]); }
  double DoubleAt(size_t i) const { return std::bit_cast<double>(words_[i + 1]); }

 private:
  static constexpr uint64_t kPayload = (uint64_t{1} << 56) - 1;

  static simdjson::internal::tape_ref RefOf(JsonElement element) {
    return std::bit_cast<simdjson::internal::tape_ref>(element);
  }

  const simdjson::dom::document* document_;
  const uint64_t* words_;
  const char* strings_;
};

// The bits of schema_model.h for a tag. A double has kNumberBit alone: whether it is whole is
// looked at only where somebody asks.
inline uint8_t TypeBitsOf(char tag) {
  switch (tag) {
    case '"':
      return kStringBit;
    case '{':
      return kObjectBit;
    case '[':
      return kArrayBit;
    case 'l':
    case 'u':
      return kIntegerBit | kNumberBit;
    case 'd':
      return kNumberBit;
    case 'n':
      return kNullBit;
    default:
      return kBooleanBit;
  }
}

}  // namespace nexus::schema
