#include "policy/wasm/imported_memory.h"

#include <gtest/gtest.h>

#include <string>

#include "script/small_module.h"

namespace nexus::policy {
namespace {

constexpr size_t kPage = 64 << 10;

std::string Module(const std::string& imports) {
  return std::string("\0asm\1\0\0\0", 8) + '\x02' + static_cast<char>(imports.size()) + imports;
}

TEST(ImportedMemoryTest, IsWhatTheImportAsksFor) {
  EXPECT_EQ(ImportedMemoryMin(script::SmallModule::Bytes()), 1 * kPage);
}

TEST(ImportedMemoryTest, StandsBehindOtherImportsAndHasAMost) {
  const std::string function(
      "\x01"
      "e"
      "\x01"
      "f"
      "\x00\x05",
      6);
  const std::string table(
      "\x01"
      "e"
      "\x01"
      "t"
      "\x01\x70\x01\x02\x09",
      9);
  const std::string global(
      "\x01"
      "e"
      "\x01"
      "g"
      "\x03\x7f\x00",
      7);
  const std::string memory(
      "\x01"
      "e"
      "\x01"
      "m"
      "\x02\x01\x83\x01\x80\x02",
      10);
  EXPECT_EQ(ImportedMemoryMin(Module('\x04' + function + table + global + memory)), 131 * kPage);
}

TEST(ImportedMemoryTest, IsNothingWhereThereIsNoneOrWhatIsThereIsBroken) {
  EXPECT_EQ(ImportedMemoryMin(""), 0u);
  EXPECT_EQ(ImportedMemoryMin("\0asm"), 0u);
  EXPECT_EQ(ImportedMemoryMin(Module(std::string("\0", 1))), 0u);
  EXPECT_EQ(ImportedMemoryMin(Module("\x05")), 0u);
  const std::string whole = script::SmallModule::Bytes();
  for (size_t size = 0; size < 40; ++size) {
    EXPECT_LE(ImportedMemoryMin(whole.substr(0, size)), 1 * kPage) << size;
  }
}

}  // namespace
}  // namespace nexus::policy
