// Every kind of file of a closed data folder, damaged in every way. Allowed: the log is what it
// was, or it refuses and says why. A difference in silence fails.
//
// $NEXUS_EVIDENCE_ROT: flips and truncations a file (8). $NEXUS_EVIDENCE_MATRIX: a file that the
// table of docs/evidence/corruption-matrix.md is written to.

#include "evidence/bit_rot.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <ostream>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "evidence/scratch_folder.h"

namespace nexus::evidence {
namespace {

constexpr uint64_t kSamples = 8;

struct Sample {
  std::string name;
  Damage damage;
};

// Both ends, the middle and random places of a file of `size` bytes.
std::vector<Sample> Samples(uint64_t size, uint64_t count, std::mt19937_64& random) {
  std::vector<Sample> samples = {{"deleted", {DamageKind::kDelete, 0}}};
  if (size == 0) return samples;
  std::vector<uint64_t> places = {0, size / 2, size - 1};
  while (places.size() < count) places.push_back(random() % size);
  for (const uint64_t place : places) {
    samples.push_back({"a bit flipped", {DamageKind::kFlipBit, place * 8 + random() % 8}});
  }
  places = {0, size / 2, size - 1, size - std::min<uint64_t>(size, 3)};
  while (places.size() < count) places.push_back(random() % size);
  for (const uint64_t place : places) {
    samples.push_back({"truncated", {DamageKind::kTruncate, place}});
  }
  return samples;
}

std::string Name(Outcome outcome) {
  switch (outcome) {
    case Outcome::kSame:
      return "same";
    case Outcome::kRefusedAtOpen:
      return "refused at open";
    case Outcome::kRefusedByReads:
      return "refused by reads";
    case Outcome::kRefusedBadly:
      return "REFUSED WITHOUT A REASON";
    case Outcome::kCrashed:
      return "CRASHED";
    case Outcome::kDifferent:
      break;
  }
  return "DIFFERENT";
}

bool IsAllowed(Outcome outcome) {
  return outcome == Outcome::kSame || outcome == Outcome::kRefusedAtOpen ||
         outcome == Outcome::kRefusedByReads;
}

// closing -> kind of file -> damage -> outcome -> how often
using Matrix =
    std::map<std::string, std::map<std::string, std::map<std::string, std::map<Outcome, int>>>>;

std::string Cell(const std::map<Outcome, int>& outcomes) {
  std::vector<std::string> parts;
  for (const auto& [outcome, count] : outcomes)
    parts.push_back(absl::StrCat(Name(outcome), " ", count));
  return parts.empty() ? "-" : absl::StrJoin(parts, ", ");
}

std::string Table(const Matrix& matrix) {
  std::string text;
  for (const auto& [closing, kinds] : matrix) {
    absl::StrAppend(&text, "## Closed ", closing, "\n",
                    "| file | a bit flipped | truncated | deleted |\n|---|---|---|---|\n");
    for (const auto& [kind, damages] : kinds) {
      absl::StrAppend(&text, "| ", kind);
      for (const char* damage : {"a bit flipped", "truncated", "deleted"}) {
        const auto it = damages.find(damage);
        absl::StrAppend(&text, " | ", it == damages.end() ? "-" : Cell(it->second));
      }
      absl::StrAppend(&text, " |\n");
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

void Fill(const std::string& closing_name, Closing closing, Matrix& matrix) {
  const ScratchFolder folder;
  MakeFolder(folder.data(), closing);
  const LogDump expected = DumpOfCopy(folder.data());
  ASSERT_GT(expected.size(), kRotCommits);
  const uint64_t count = CountFromEnvironment("NEXUS_EVIDENCE_ROT", kSamples);
  std::mt19937_64 random(20'261'123);
  std::map<std::string, int> files_of_kind;
  for (const DamagedFile& file : FilesOf(folder.data())) {
    // Many tables and info logs are alike: three of a kind are looked at.
    if (++files_of_kind[file.kind] > 3 && count <= kSamples) continue;
    const uint64_t size = std::filesystem::file_size(folder.data() + "/" + file.path);
    const uint64_t places = files_of_kind[file.kind] == 1 ? count : 3;
    for (const Sample& sample : Samples(size, places, random)) {
      const Seen seen = LookAtDamaged(folder.data(), file.path, sample.damage, expected, "");
      ++matrix[closing_name][file.kind][sample.name][seen.outcome];
      EXPECT_TRUE(IsAllowed(seen.outcome))
          << "closed " << closing_name << ", " << file.path << " " << sample.name << " at "
          << sample.damage.at << " of " << size << ": " << Name(seen.outcome) << ": " << seen.words;
    }
  }
}

TEST(BitRot, IsSeenOrChangesNothing) {
  Matrix matrix;
  Fill("cleanly", Closing::kCleanly, matrix);
  Fill("by kill -9", Closing::kByKill, matrix);
  const std::string table = Table(matrix);
  std::printf("%s", table.c_str());
  const char* file = getenv("NEXUS_EVIDENCE_MATRIX");
  if (file != nullptr) std::ofstream(file) << table;
}

// Controls: with these faults planted the same looking must find a difference.
class BitRotControl : public testing::TestWithParam<std::string> {};

TEST_P(BitRotControl, FindsADifference) {
#ifndef NEXUS_PLANTED_FAULTS
  GTEST_SKIP() << "built without planted faults";
#endif
  const ScratchFolder folder;
  MakeFolder(folder.data(), Closing::kByKill);
  const LogDump expected = DumpOfCopy(folder.data());
  std::mt19937_64 random(7);
  for (const DamagedFile& file : FilesOf(folder.data())) {
    if (file.kind != "newest WAL" && file.kind != "table (SST)") continue;
    const uint64_t size = std::filesystem::file_size(folder.data() + "/" + file.path);
    for (const Sample& sample : Samples(size, 20, random)) {
      if (sample.damage.kind != DamageKind::kFlipBit) continue;
      const Seen seen =
          LookAtDamaged(folder.data(), file.path, sample.damage, expected, GetParam());
      if (seen.outcome != Outcome::kDifferent) continue;
      std::printf("%s: %s %s: %s\n", GetParam().c_str(), file.path.c_str(), sample.name.c_str(),
                  seen.words.c_str());
      return;
    }
  }
  FAIL() << "no difference was found";
}

INSTANTIATE_TEST_SUITE_P(Planted, BitRotControl,
                         testing::Values("default_recovery", "holes_unnoticed"),
                         [](const auto& fault) { return fault.param; });

}  // namespace
}  // namespace nexus::evidence
