#include "temporal/state_diff.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/status_macros.h"

namespace nexus::temporal {
namespace {

std::string JsonOf(const JsonMember& member) {
  return member.is_string ? JsonString(member.text) : member.text;
}

class Differ {
 public:
  Differ(size_t changes_max, JsonReader& json) : changes_max_(changes_max), json_(json) {}

  // Both are canonical.
  absl::Status Compare(const std::string& before, const std::string& after,
                       const std::string& pointer) {
    if (before == after) return absl::OkStatus();
    const char kind = before.front();
    if (kind == after.front() && kind == '{') return CompareObjects(before, after, pointer);
    if (kind == after.front() && kind == '[') return CompareArrays(before, after, pointer);
    Add({pointer, before, after});
    return absl::OkStatus();
  }

  StateDiff Take() { return std::move(diff_); }

 private:
  using Sides = std::pair<std::optional<std::string>, std::optional<std::string>>;

  void Add(FieldChange change) {
    if (diff_.changes.size() < changes_max_) {
      diff_.changes.push_back(std::move(change));
    } else {
      ++diff_.left_out;
    }
  }

  absl::Status CompareSides(Sides& sides, std::string pointer) {
    auto& [before, after] = sides;
    if (before.has_value() && after.has_value()) return Compare(*before, *after, pointer);
    Add({std::move(pointer), std::move(before), std::move(after)});
    return absl::OkStatus();
  }

  absl::Status CompareObjects(const std::string& before, const std::string& after,
                              const std::string& pointer) {
    std::map<std::string, Sides> members;
    NEXUS_ASSIGN_OR_RETURN(const auto old_members, json_.ReadObject(before));
    NEXUS_ASSIGN_OR_RETURN(const auto new_members, json_.ReadObject(after));
    for (const auto& [name, member] : old_members) members[name].first = JsonOf(member);
    for (const auto& [name, member] : new_members) members[name].second = JsonOf(member);
    for (auto& [name, sides] : members) {
      const std::string token = absl::StrReplaceAll(name, {{"~", "~0"}, {"/", "~1"}});
      NEXUS_RETURN_IF_ERROR(CompareSides(sides, absl::StrCat(pointer, "/", token)));
    }
    return absl::OkStatus();
  }

  absl::Status CompareArrays(const std::string& before, const std::string& after,
                             const std::string& pointer) {
    NEXUS_ASSIGN_OR_RETURN(const std::vector<JsonMember> old_items, json_.ReadArray(before));
    NEXUS_ASSIGN_OR_RETURN(const std::vector<JsonMember> new_items, json_.ReadArray(after));
    for (size_t i = 0; i < std::max(old_items.size(), new_items.size()); ++i) {
      Sides sides;
      if (i < old_items.size()) sides.first = JsonOf(old_items[i]);
      if (i < new_items.size()) sides.second = JsonOf(new_items[i]);
      NEXUS_RETURN_IF_ERROR(CompareSides(sides, absl::StrCat(pointer, "/", i)));
    }
    return absl::OkStatus();
  }

  const size_t changes_max_;
  JsonReader& json_;
  StateDiff diff_;
};

}  // namespace

absl::StatusOr<StateDiff> DiffStates(absl::string_view before, absl::string_view after,
                                     size_t changes_max, JsonReader& json) {
  NEXUS_ASSIGN_OR_RETURN(const std::string old_state, json.Canonical(before));
  NEXUS_ASSIGN_OR_RETURN(const std::string new_state, json.Canonical(after));
  Differ differ(changes_max, json);
  NEXUS_RETURN_IF_ERROR(differ.Compare(old_state, new_state, ""));
  return differ.Take();
}

absl::StatusOr<std::optional<std::string>> ValueAt(absl::string_view state,
                                                   absl::string_view pointer, JsonReader& json) {
  const absl::StatusOr<JsonMember> found = json.ReadAt(state, pointer);
  if (found.ok()) return JsonOf(*found);
  if (ReasonOf(found.status()) == ErrorReason::kNotFound) return std::optional<std::string>();
  return found.status();
}

}  // namespace nexus::temporal
