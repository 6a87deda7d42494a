#pragma once

// The heads of the log that explain an answer: every fact narrows them, and none may be left.

#include <cstdint>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "history/real_time.h"

namespace nexus::history {

class HeadRange {
 public:
  explicit HeadRange(uint64_t head) : high_{head, "the log ends at", head} {}

  // `why` and `number` make the words of a finding: "the log ends at 7".
  void AtLeast(uint64_t head, const char* why, uint64_t number = 0,
               const std::string* name = nullptr) {
    if (head > low_.head) low_ = {head, why, number, name};
  }
  void AtMost(uint64_t head, const char* why, uint64_t number = 0,
              const std::string* name = nullptr) {
    if (head < high_.head) high_ = {head, why, number, name};
  }
  void AtLeast(const Fact* fact) {
    if (fact != nullptr && fact->head > low_.head) {
      low_ = {fact->head, "it began after", 0, nullptr, fact};
    }
  }
  void AtMost(const Fact* fact) {
    if (fact != nullptr && fact->head < high_.head) {
      high_ = {fact->head, "it ended before the call of", 0, nullptr, fact};
    }
  }

  uint64_t low() const { return low_.head; }
  uint64_t high() const { return high_.head; }
  bool empty() const { return low_.head > high_.head; }
  std::string ToString() const {
    return absl::StrCat("the head was at least ", low_.head, ": ", low_.Words(), ", and at most ",
                        high_.head, ": ", high_.Words());
  }

 private:
  struct End {
    uint64_t head = 0;
    const char* why = "it is never lower than";
    uint64_t number = 0;
    const std::string* name = nullptr;
    const Fact* fact = nullptr;

    std::string Words() const {
      if (fact != nullptr) return absl::StrCat(why, " ", fact->Name());
      return absl::StrCat(name == nullptr ? "" : absl::StrCat("'", *name, "' "), why, " ", number);
    }
  };

  End low_ = {};
  End high_;
};

}  // namespace nexus::history
