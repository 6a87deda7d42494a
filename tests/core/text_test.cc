#include "nexus/core/text.h"

#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace nexus {
namespace {

// What an UTF-8 checker must say, the slow and plain way: decode, then look at the code point.
std::optional<size_t> DecodeAndLook(const std::string& s) {
  size_t i = 0;
  while (i < s.size()) {
    const auto byte = [&](size_t k) { return k < s.size() ? static_cast<uint8_t>(s[k]) : 0u; };
    const unsigned lead = byte(i);
    size_t length = lead < 0x80       ? 1
                    : lead >> 5 == 6  ? 2
                    : lead >> 4 == 14 ? 3
                    : lead >> 3 == 30 ? 4
                                      : 0;
    if (length == 0) return i;
    unsigned code = length == 1 ? lead : lead & (0x7F >> length);
    for (size_t k = 1; k < length; ++k) {
      if (byte(i + k) >> 6 != 2) return i;
      code = code << 6 | (byte(i + k) & 0x3F);
    }
    static constexpr unsigned kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (code < kLeast[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return i;
    i += length;
  }
  return std::nullopt;
}

TEST(Utf8, AcceptsTextOfEveryLength) {
  EXPECT_EQ(FindInvalidUtf8(""), std::nullopt);
  EXPECT_EQ(FindInvalidUtf8("plain"), std::nullopt);
  EXPECT_EQ(FindInvalidUtf8("longer than one machine word"), std::nullopt);
  EXPECT_EQ(FindInvalidUtf8("z\u00fcrich \u20ac \U0001F600 \U0010FFFF"), std::nullopt);
}

TEST(Utf8, AcceptsNulWhichIsACharacter) {
  EXPECT_EQ(FindInvalidUtf8(absl::string_view("a\0b", 3)), std::nullopt);
}

TEST(Utf8, NamesTheFirstBadByte) {
  EXPECT_EQ(FindInvalidUtf8("abc\xFF"), 3u);
  EXPECT_EQ(FindInvalidUtf8("eight by\xC0\xAF"), 8u);
}

TEST(Utf8, RefusesASequenceThatIsCutOff) {
  EXPECT_EQ(FindInvalidUtf8("\xC3"), 0u);
  EXPECT_EQ(FindInvalidUtf8("a\xE2\x82"), 1u);
  EXPECT_EQ(FindInvalidUtf8("ab\xF0\x9F\x98"), 2u);
}

TEST(Utf8, AgreesWithADecoderOnEveryShortSequence) {
  // All two-byte strings, and all four-byte strings of telling bytes.
  for (int a = 0; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const std::string s = {static_cast<char>(a), static_cast<char>(b)};
      ASSERT_EQ(FindInvalidUtf8(s), DecodeAndLook(s)) << a << " " << b;
    }
  }
  const std::string telling = "\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC2\xDF\xE0\xED\xEF\xF0\xF4\xF5";
  for (const char a : telling) {
    for (const char b : telling) {
      for (const char c : telling) {
        for (const char d : telling) {
          const std::string s = {a, b, c, d};
          ASSERT_EQ(FindInvalidUtf8(s), DecodeAndLook(s));
        }
      }
    }
  }
}

TEST(Utf8, FindsABadByteAtEveryOffset) {
  for (size_t at = 0; at < 40; ++at) {
    std::string s(40, 'x');
    s[at] = '\x80';
    ASSERT_EQ(FindInvalidUtf8(s), at);
  }
}

TEST(ControlCharacters, AreFoundWhereTheyStand) {
  EXPECT_EQ(FindControlCharacter("ab\ncd"), 2u);
  EXPECT_EQ(FindControlCharacter(absl::string_view("\0", 1)), 0u);
  EXPECT_EQ(FindControlCharacter("abc\x7F"), 3u);
  EXPECT_EQ(FindControlCharacter("\x1F"), 0u);
}

TEST(ControlCharacters, AreNotSpacesNorLetters) {
  EXPECT_EQ(FindControlCharacter(""), std::nullopt);
  EXPECT_EQ(FindControlCharacter(" ~ \u00fc"), std::nullopt);
}

TEST(PlainAscii, IsTextInWhichNothingElseIsFound) {
  for (size_t size = 1; size < 20; ++size) {
    for (size_t at = 0; at < size; ++at) {
      for (int byte = 0; byte < 256; ++byte) {
        std::string s(size, '~');
        s[at] = static_cast<char>(byte);
        const bool plain = byte < 0x80 && !FindControlCharacter(s).has_value();
        ASSERT_EQ(IsPlainAscii(s), plain) << "byte " << byte << " at " << at << " of " << size;
      }
    }
  }
  EXPECT_TRUE(IsPlainAscii(""));
}

}  // namespace
}  // namespace nexus
