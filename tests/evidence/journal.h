#pragma once

// What a writer was told about each of its commits, in memory that outlives it.

#include <array>
#include <atomic>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "evidence/faulty_file_system.h"

namespace nexus::evidence {

inline constexpr uint64_t kCommitsMax = 20'000;
inline constexpr size_t kStreamsPerCommit = 2;

enum class Answer : uint8_t {
  kNotCalled = 0,
  kCalled,   // no answer yet: it may be there or not
  kUnknown,  // the answer says so
  kStored,   // acknowledged
  kRefused,  // a definite no
};

struct JournalEntry {
  std::atomic<Answer> answer{Answer::kNotCalled};
  uint64_t first = 0;  // of the receipt, if stored; written before the answer is
  uint64_t last = 0;
  int64_t recorded = 0;
  std::array<uint64_t, kStreamsPerCommit> revisions{};  // first one in each stream
};

// Findings of a child; the first ones, as text.
class Findings {
 public:
  void Add(absl::string_view finding) {
    ++count_;
    for (const char c : finding) {
      if (used_ + 2 < text_.size()) text_[used_++] = c;
    }
    if (used_ + 1 < text_.size()) text_[used_++] = '\n';
  }
  bool empty() const { return count_ == 0; }
  std::string text() const { return std::string(text_.data(), used_); }
  void Clear() { used_ = count_ = 0; }

 private:
  size_t count_ = 0;
  size_t used_ = 0;
  std::array<char, 4000> text_{};
};

struct Journal {
  IoRecord io;
  Findings findings;
  std::atomic<uint64_t> head_seen{0};  // the highest that a reader was shown
  std::atomic<bool> opened{false};     // the last Open() succeeded
  std::atomic<int> open_reason{0};     // ErrorReason of the last Open()
  std::atomic<uint64_t> called{0};     // commits 1 ... called may have been proposed
  std::array<JournalEntry, kCommitsMax + 1> entries;

  JournalEntry& of(uint64_t commit) { return entries[commit]; }
};

}  // namespace nexus::evidence
