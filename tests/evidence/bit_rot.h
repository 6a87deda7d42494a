#pragma once

// A data folder, damaged in one place, and what its log says then.

#include <cstdint>
#include <string>
#include <vector>

#include "evidence/log_check.h"

namespace nexus::evidence {

enum class Closing { kCleanly, kByKill };

enum class DamageKind { kFlipBit, kTruncate, kDelete };

struct Damage {
  DamageKind kind = DamageKind::kFlipBit;
  uint64_t at = 0;  // flip: the bit; truncate: the bytes that stay
};

enum class Outcome {
  kSame,            // every answer is what it was, and appends go on
  kRefusedAtOpen,   // DATA_LOSS or UNSUPPORTED_FORMAT with words
  kRefusedByReads,  // what differs is DATA_LOSS, the rest is what it was
  kRefusedBadly,    // another error, or one without words
  kCrashed,
  kDifferent,  // in silence: the one thing that must never be
};

struct Seen {
  Outcome outcome = Outcome::kCrashed;
  std::string words;
};

// A folder with a log of kRotCommits workload commits in several write-ahead logs and tables, and
// with a derived database.
inline constexpr uint64_t kRotCommits = 60;
void MakeFolder(const std::string& folder, Closing closing);

// The log as it is, for comparison. Opens a copy.
LogDump DumpOfCopy(const std::string& folder);

struct DamagedFile {
  std::string kind;  // "newest WAL", "table", "MANIFEST", ...
  std::string path;  // below the folder
};
// Every file of the folder by its kind.
std::vector<DamagedFile> FilesOf(const std::string& folder);

// Damages one file of a copy of `folder` and looks.
Seen LookAtDamaged(const std::string& folder, const std::string& path, const Damage& damage,
                   const LogDump& expected, const std::string& planted);

}  // namespace nexus::evidence
