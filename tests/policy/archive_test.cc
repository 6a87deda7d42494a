#include "policy/bundle/archive.h"

#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nexus/core/errors.h"
#include "policy/bundle/gzip.h"

namespace nexus::policy {
namespace {

using testing::HasSubstr;

constexpr size_t kMax = 1 << 20;

const std::vector<PolicyFile>& Files() {
  static const std::vector<PolicyFile> files = {
      {".manifest", "{}"}, {"a/empty", ""}, {"a/full", std::string(512, 'x')}, {"b", "\0\1\2"}};
  return files;
}

TEST(Archive, ReadsWhatItWrote) {
  EXPECT_EQ(ReadArchive(*WriteArchive(Files()), kMax).value(), Files());
  EXPECT_EQ(ReadArchive(*WriteArchive({}), kMax).value(), std::vector<PolicyFile>());
}

TEST(Archive, IsTheSameForTheSameFiles) {
  EXPECT_EQ(*WriteArchive(Files()), *WriteArchive(Files()));
}

TEST(Archive, RefusesToWriteALongPath) {
  EXPECT_FALSE(WriteArchive({{std::string(101, 'p'), ""}}).ok());
}

TEST(Archive, RefusesWhatIsCutOffAnywhere) {
  const std::string whole = *WriteArchive(Files());
  for (size_t size = 0; size + 1 < whole.size(); ++size) {
    EXPECT_EQ(ReasonOf(ReadArchive(whole.substr(0, size), kMax).status()),
              ErrorReason::kConfigurationInvalid)
        << size;
  }
}

// A bit that means nothing in its place may be turned.
TEST(Archive, IsNeverAnotherBecauseABitIsTurned) {
  const std::string whole = *WriteArchive(Files());
  size_t refused = 0;
  for (size_t i = 10; i < whole.size(); ++i) {
    std::string turned = whole;
    turned[i] = static_cast<char>(turned[i] ^ 4);
    const auto read = ReadArchive(turned, kMax);
    if (read.ok()) {
      EXPECT_EQ(*read, Files()) << i;
    } else {
      ++refused;
    }
  }
  EXPECT_GT(refused, whole.size() * 9 / 10);
}

TEST(Archive, RefusesAHeaderWithAWrongChecksum) {
  std::string tar = *Gunzip(*WriteArchive(Files()), kMax);
  tar[0] = 'x';
  EXPECT_THAT(ReadArchive(Gzip(tar), kMax).status().message(), HasSubstr("checksum"));
}

TEST(Archive, RefusesToUnpackMoreThanAllowed) {
  const std::string bomb = Gzip(std::string(10 << 20, '\0'));
  ASSERT_LT(bomb.size(), 20u << 10);
  EXPECT_THAT(ReadArchive(bomb, kMax).status().message(), HasSubstr("more than 1048576 bytes"));
}

TEST(Archive, RefusesAPathThatLeadsOutOfIt) {
  EXPECT_THAT(ReadArchive(*WriteArchive({{"a/../../etc", ""}}), kMax).status().message(),
              HasSubstr("leads out of it"));
}

// Makes the entry at `offset` one of another type.
void SetType(std::string& tar, size_t offset, char type) {
  tar[offset + 156] = type;
  tar.replace(offset + 148, 8, "        ");
  unsigned sum = 0;
  for (size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(tar[offset + i]);
  tar.replace(offset + 148, 7, absl::StrFormat("%06o", sum) + std::string(1, '\0'));
}

TEST(Archive, GivesALongPathToTheFileBehindIt) {
  std::string tar = *Gunzip(*WriteArchive({{"@", "a/long"}, {"a", "x"}, {"b", "y"}}), kMax);
  SetType(tar, 0, 'L');
  EXPECT_EQ(ReadArchive(Gzip(tar), kMax).value(),
            (std::vector<PolicyFile>{{"a/long", "x"}, {"b", "y"}}));
}

TEST(Archive, DoesNotGiveAFileTheLongPathOfAFolder) {
  std::string tar = *Gunzip(*WriteArchive({{"@", "long/"}, {"l", ""}, {"b", "x"}}), kMax);
  SetType(tar, 0, 'L');
  SetType(tar, 1024, '5');
  EXPECT_EQ(ReadArchive(Gzip(tar), kMax).value(), (std::vector<PolicyFile>{{"b", "x"}}));
}

TEST(Archive, DropsWhatPrecedesAPath) {
  EXPECT_EQ(ReadArchive(*WriteArchive({{"/./a", "x"}}), kMax).value(),
            (std::vector<PolicyFile>{{"a", "x"}}));
}

}  // namespace
}  // namespace nexus::policy
