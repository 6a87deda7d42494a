#include "schema/json/tree_check.h"

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "schema/json/json_pointer.h"
#include "schema/json/tape.h"

namespace nexus::schema {
namespace {

bool IsContainer(char tag) { return tag == '{' || tag == '['; }

// Walks the tape from the root down; remembers the way only once there is something to tell.
class TreeWalk {
 public:
  explicit TreeWalk(const Tape& tape) : tape_(tape) {}

  // True if the container has such a fault. `levels_left` containers may be nested from here on.
  bool FindsFault(size_t at, char tag, size_t levels_left) {
    if (levels_left == 0) {
      fault_.kind = TreeFault::Kind::kTooDeep;
      return true;
    }
    return tag == '{' ? InObject(at, levels_left) : InArray(at, levels_left);
  }

  TreeFault Take() {
    for (auto token = way_.rbegin(); token != way_.rend(); ++token) {
      AppendPointerToken(fault_.pointer, absl::string_view(*token));
    }
    return std::move(fault_);
  }

 private:
  // Up to so many names the earlier ones are looked through, where a filter cannot tell.
  static constexpr size_t kScanMax = 16;

  bool InObject(size_t object, size_t levels_left) {
    const size_t last = tape_.EndOf(object) - 1;
    uint64_t filter = 0;
    size_t count = 0;
    for (size_t at = object + 1; at < last; ++count) {
      const std::string_view name = tape_.TextAt(at);
      if (count == kScanMax) return InLargeObject(object, levels_left);
      const uint64_t bit = BitOf(name);
      if ((filter & bit) != 0 && IsAmongFirst(object, count, name)) return NoteTwice(name);
      filter |= bit;
      const char tag = tape_.TagAt(at + 1);
      if (IsContainer(tag) && FindsFault(at + 1, tag, levels_left - 1)) return Note(name);
      at = tape_.Next(at + 1, tag);
    }
    return false;
  }

  bool InLargeObject(size_t object, size_t levels_left) {
    const size_t last = tape_.EndOf(object) - 1;
    absl::flat_hash_set<std::string_view> names;
    size_t count = 0;
    for (size_t at = object + 1; at < last; ++count) {
      const std::string_view name = tape_.TextAt(at);
      if (!names.insert(name).second) return NoteTwice(name);
      const char tag = tape_.TagAt(at + 1);
      // The first have been walked: twice at each level would be a power of two in all.
      const bool is_new = count >= kScanMax && IsContainer(tag);
      if (is_new && FindsFault(at + 1, tag, levels_left - 1)) return Note(name);
      at = tape_.Next(at + 1, tag);
    }
    return false;
  }

  bool InArray(size_t array, size_t levels_left) {
    const size_t last = tape_.EndOf(array) - 1;
    size_t index = 0;
    for (size_t at = array + 1; at < last; ++index) {
      const char tag = tape_.TagAt(at);
      if (IsContainer(tag) && FindsFault(at, tag, levels_left - 1)) {
        return Note(absl::StrCat(index));
      }
      at = tape_.Next(at, tag);
    }
    return false;
  }

  // One of 64, by length, first and last bytes.
  static uint64_t BitOf(std::string_view name) {
    uint64_t first = 0;
    std::memcpy(&first, name.data(), 8);
    if (name.size() < 8) first &= (uint64_t{1} << (8 * name.size())) - 1;
    const uint64_t back = name.empty() ? 0 : static_cast<uint8_t>(name.back());
    return uint64_t{1} << (((first ^ (back << 32) ^ name.size()) * 0x9E3779B97F4A7C15u) >> 58);
  }

  bool IsAmongFirst(size_t object, size_t count, std::string_view name) const {
    for (size_t at = object + 1; count > 0; --count) {
      if (tape_.TextAt(at) == name) return true;
      at = tape_.Next(at + 1, tape_.TagAt(at + 1));
    }
    return false;
  }

  bool NoteTwice(std::string_view name) {
    fault_.kind = TreeFault::Kind::kTwice;
    return Note(name);
  }
  bool Note(std::string_view token) {
    way_.emplace_back(token);
    return true;
  }

  const Tape& tape_;
  std::vector<std::string> way_;  // to the fault, innermost first
  TreeFault fault_;
};

}  // namespace

TreeFault FindTreeFault(JsonElement root, size_t depth_max) {
  const Tape tape = Tape::Of(root);
  const size_t at = Tape::IndexOf(root);
  const char tag = tape.TagAt(at);
  TreeWalk walk(tape);
  if (!IsContainer(tag) || !walk.FindsFault(at, tag, depth_max)) return {};
  return walk.Take();
}

}  // namespace nexus::schema
