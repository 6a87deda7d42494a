#include "evidence/bit_rot.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "evidence/child.h"
#include "evidence/scratch_folder.h"
#include "evidence/workload.h"
#include "nexus/core/errors.h"
#include "storage/rocksdb/rocks_checkpoint_store.h"

namespace nexus::evidence {
namespace {

namespace fs = std::filesystem;

// Longer than the log takes to note outside of RocksDB where it ends.
constexpr int kAnchorPatienceMs = 400;

// Of a large log opening verifies the end alone; so it does here.
constexpr uint64_t kVerifiedPositions = 10;

struct SharedSeen {
  Outcome outcome = Outcome::kCrashed;
  std::array<char, 512> words{};
};

void Say(SharedSeen& seen, Outcome outcome, const std::string& words) {
  std::memcpy(seen.words.data(), words.data(), std::min(words.size(), seen.words.size() - 1));
  seen.outcome = outcome;
}

bool SaysWhatToDo(const absl::Status& status) {
  const ErrorReason reason = ReasonOf(status);
  return (reason == ErrorReason::kDataLoss || reason == ErrorReason::kUnsupportedFormat) &&
         !status.message().empty();
}

// The first section whose lines are neither what they were nor a refusal; empty: there is none.
std::string Difference(const LogDump& expected, const LogDump& dump, bool& refused) {
  for (const auto& [section, lines] : dump) {
    if (lines == expected.at(section)) continue;
    if (lines != "error DATA_LOSS\n") {
      return absl::StrCat(section, ": ", lines.substr(0, lines.find('\n')));
    }
    refused = true;
  }
  return "";
}

void Look(const std::string& folder, const LogDump& expected, SharedSeen& seen) {
  auto log = OpenLog(folder, nullptr, 32 << 10, kVerifiedPositions);
  if (!log.ok()) {
    const Outcome outcome =
        SaysWhatToDo(log.status()) ? Outcome::kRefusedAtOpen : Outcome::kRefusedBadly;
    return Say(seen, outcome,
               absl::StrCat(ReasonName(ReasonOf(log.status())), ": ",
                            std::string(log.status().message())));
  }
  bool refused = false;
  const std::string difference = Difference(expected, DumpLog(**log, kRotCommits), refused);
  if (!difference.empty()) return Say(seen, Outcome::kDifferent, difference);
  if (refused) return Say(seen, Outcome::kRefusedByReads, "DATA_LOSS");
  const Shared<Journal> journal;
  const auto stored = ProposeNoted(**log, kRotCommits + 1, *journal);
  if (stored.ok()) return Say(seen, Outcome::kSame, "");
  Say(seen, Outcome::kRefusedBadly,
      absl::StrCat("append: ", std::string(stored.status().message())));
}

void Apply(const std::string& path, const Damage& damage) {
  if (damage.kind == DamageKind::kDelete) {
    fs::remove(path);
    return;
  }
  if (damage.kind == DamageKind::kTruncate) {
    fs::resize_file(path, damage.at);
    return;
  }
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  const auto offset = static_cast<std::streamoff>(damage.at / 8);
  file.seekg(offset);
  const char byte = static_cast<char>(file.get() ^ (1 << damage.at % 8));
  file.seekp(offset);
  file.put(byte);
}

std::string KindOf(const std::string& path, const std::string& oldest, const std::string& newest) {
  const std::string name = fs::path(path).filename().string();
  const bool derived = absl::StartsWith(path, "derived/");
  const bool log = absl::StartsWith(path, "log/");
  if (derived) return "derived/";
  if (path == newest) return "newest WAL";
  if (path == oldest) return "oldest WAL";
  if (log && absl::EndsWith(name, ".log")) return "middle WAL";
  if (absl::EndsWith(name, ".sst")) return "table (SST)";
  for (const char* kind : {"MANIFEST", "OPTIONS"}) {
    if (absl::StartsWith(name, kind)) return kind;
  }
  if (log && absl::StartsWith(name, "LOG")) return "info log";
  if (log && name == "LOCK") return "log/LOCK";
  return name;
}

}  // namespace

void MakeFolder(const std::string& folder, Closing closing) {
  const ChildEnd end = RunInChild([&] {
    const Shared<Journal> journal;
    auto log = OpenLog(folder);
    if (!log.ok()) _exit(1);
    auto derived = storage::DerivedDatabase::Open(folder);
    if (!derived.ok()) _exit(1);
    if (!storage::RocksCheckpointStore(**derived).Save("router", Position(3)).ok()) _exit(1);
    for (uint64_t number = 1; number <= kRotCommits; ++number) {
      if (!ProposeNoted(**log, number, *journal).ok()) _exit(1);
    }
    if (closing == Closing::kCleanly) return;
    poll(nullptr, 0, kAnchorPatienceMs);
    kill(getpid(), SIGKILL);
  });
  const bool expected = closing == Closing::kCleanly ? end.Exited(0) : end.signal == SIGKILL;
  if (!expected) abort();
}

LogDump DumpOfCopy(const std::string& folder) {
  const ScratchFolder copy;
  fs::copy(folder, copy.data(), fs::copy_options::recursive);
  const std::string file = copy.graveyard() + "/dump";
  // Only text comes back: each section behind its name.
  RunInChild([&] {
    auto log = OpenLog(copy.data());
    if (!log.ok()) _exit(1);
    std::ofstream out(file, std::ios::binary);
    for (const auto& [section, lines] : DumpLog(**log, kRotCommits)) {
      out << section << '\n' << lines.size() << '\n' << lines;
    }
  });
  LogDump dump;
  std::ifstream in(file, std::ios::binary);
  std::string section;
  std::string size;
  while (std::getline(in, section) && std::getline(in, size)) {
    std::string lines(strtoull(size.c_str(), nullptr, 10), '\0');
    in.read(lines.data(), static_cast<std::streamsize>(lines.size()));
    dump[section] = lines;
  }
  return dump;
}

std::vector<DamagedFile> FilesOf(const std::string& folder) {
  std::vector<std::string> paths;
  std::vector<std::string> wals;
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    paths.push_back(fs::relative(entry.path(), folder).string());
    const std::string& path = paths.back();
    if (absl::StartsWith(path, "log/") && absl::EndsWith(path, ".log")) wals.push_back(path);
  }
  std::sort(paths.begin(), paths.end());
  std::sort(wals.begin(), wals.end());  // numbers of six digits
  const std::string oldest = wals.empty() ? "" : wals.front();
  const std::string newest = wals.empty() ? "" : wals.back();
  std::vector<DamagedFile> files;
  for (const std::string& path : paths) files.push_back({KindOf(path, oldest, newest), path});
  return files;
}

Seen LookAtDamaged(const std::string& folder, const std::string& path, const Damage& damage,
                   const LogDump& expected, const std::string& planted) {
  const ScratchFolder copy;
  fs::copy(folder, copy.data(), fs::copy_options::recursive);
  Apply(copy.data() + "/" + path, damage);
  const Shared<SharedSeen> seen;
  const ChildEnd end = RunInChild([&] {
    if (!planted.empty()) setenv("NEXUS_PLANTED_FAULT", planted.c_str(), 1);
    Look(copy.data(), expected, *seen);
  });
  if (!end.Exited(0)) return {Outcome::kCrashed, end.ToString()};
  return {seen->outcome, seen->words.data()};
}

}  // namespace nexus::evidence
