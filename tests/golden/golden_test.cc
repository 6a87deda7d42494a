// Every format that was ever written is kept as a closed data folder, and this build must read from
// each what was written: tests/golden/format-N/data and dump.txt. format-1 has records of
// format 1, format-1-record-2 of format 2.

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "golden/golden_log.h"
#include "storage/temporary_folder.h"

namespace nexus::golden {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> Formats() {
  std::vector<std::string> names;
  const char* source = getenv("NEXUS_SOURCE_DIR");
  const fs::path folder = fs::path(source == nullptr ? "." : source) / "tests/golden";
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    const bool format = entry.path().filename().string().rfind("format-", 0) == 0;
    if (format) names.push_back(entry.path().string());
  }
  return names;
}

std::string Text(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Opening writes to a folder: the golden one stays as it is.
absl::StatusOr<std::string> DumpOfCopy(const std::string& format) {
  storage::TemporaryFolder copy;
  fs::copy(format + "/data", copy.path() + "/data", fs::copy_options::recursive);
  return Dump(copy.path() + "/data");
}

TEST(GoldenFolder, IsReadAsItWasWritten) {
  const std::vector<std::string> formats = Formats();
  ASSERT_FALSE(formats.empty());
  for (const std::string& format : formats) {
    const std::string expected = Text(format + "/dump.txt");
    ASSERT_FALSE(expected.empty()) << format;
    const absl::StatusOr<std::string> dump = DumpOfCopy(format);
    ASSERT_TRUE(dump.ok()) << format << ": " << dump.status();
    EXPECT_EQ(*dump, expected) << format;
  }
}

TEST(GoldenFolder, CanStillBeMade) {
  storage::TemporaryFolder folder;
  ASSERT_TRUE(Make(folder.path() + "/data").ok());
  const absl::StatusOr<std::string> dump = Dump(folder.path() + "/data");
  ASSERT_TRUE(dump.ok()) << dump.status();
  EXPECT_EQ(dump->find("NEW"), std::string::npos);
}

// A change of one byte must not go by.
TEST(GoldenFolder, IsNotReadFromADamagedCopy) {
  for (const std::string& format : Formats()) {
    storage::TemporaryFolder copy;
    fs::copy(format + "/data", copy.path() + "/data", fs::copy_options::recursive);
    for (const fs::directory_entry& entry : fs::directory_iterator(copy.path() + "/data/log")) {
      if (entry.path().extension() != ".sst") continue;
      std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
      file.seekg(100);
      const char byte = static_cast<char>(file.get() ^ 1);
      file.seekp(100);
      file.put(byte);
    }
    EXPECT_FALSE(Dump(copy.path() + "/data").ok()) << format;
  }
}

}  // namespace
}  // namespace nexus::golden
