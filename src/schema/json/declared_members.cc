#include "schema/json/declared_members.h"

#include <algorithm>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "nexus/port/schema_validator.h"
#include "schema/json/json_describe.h"
#include "schema/json/nearest_name.h"
#include "schema/json/tape.h"

namespace nexus::schema {
namespace {

// Names that are compared with one that is not declared, in all rules together.
constexpr size_t kCandidatesMax = 500;

}  // namespace

bool DeclaredMembers::Group::IsFree() const {
  // By the order of members: kAll is the last, kDescribed before it.
  if (begin == end || (end - 1)->member == kAll) return true;
  return (end - 1)->member != kDescribed;
}

bool DeclaredMembers::Group::Declares(uint32_t index) const {
  return std::binary_search(begin, end, Entry{0, index, nullptr},
                            [](const Entry& a, const Entry& b) { return a.member < b.member; });
}

DeclaredMembers::Group DeclaredMembers::GroupOf(size_t object) const {
  const auto [begin, end] = std::equal_range(
      entries_.begin(), entries_.end(), Entry{static_cast<uint32_t>(object), 0, nullptr},
      [](const Entry& a, const Entry& b) { return a.object < b.object; });
  return {begin, end};
}

// By counting, without a look at the document: no name stands twice in an object.
bool DeclaredMembers::AllDeclared(JsonElement root) const {
  const Tape tape = Tape::Of(root);
  for (auto at = entries_.begin(); at != entries_.end();) {
    Group group{at, at};
    size_t declared = 0;
    uint32_t before = kAll;
    for (; group.end != entries_.end() && group.end->object == at->object; ++group.end) {
      declared += group.end->member < kDescribed && group.end->member != before ? 1 : 0;
      before = group.end->member;
    }
    if (!group.IsFree() && MembersOf(tape.ElementAt(at->object)).size() != declared) return false;
    at = group.end;
  }
  return true;
}

absl::StatusOr<std::vector<Violation>> DeclaredMembers::Undeclared(JsonElement root, size_t max) {
  if (overflowed_) {
    return MakeError(ErrorReason::kLimitExceeded,
                     "the schema says more about the fields of this document than is allowed");
  }
  std::vector<Violation> found;
  const auto before = [](const Entry& a, const Entry& b) {
    return std::tie(a.object, a.member) < std::tie(b.object, b.member);
  };
  std::sort(entries_.begin(), entries_.end(), before);
  if (!AllDeclared(root)) Collect(root, InstancePath(), std::max<size_t>(max, 1), found);
  return found;
}

bool DeclaredMembers::Collect(JsonElement value, const InstancePath& path, size_t max,
                              std::vector<Violation>& found) const {
  if (value.is_array()) {
    size_t index = 0;
    for (const JsonElement item : ItemsOf(value)) {
      if (!Collect(item, InstancePath{&path, {}, index++, true}, max, found)) return false;
    }
  }
  if (!value.is_object()) return true;
  const Group group = GroupOf(Tape::IndexOf(value));
  const bool is_free = group.IsFree();
  uint32_t index = 0;
  for (const auto field : MembersOf(value)) {
    const InstancePath inner{&path, field.key, 0, false};
    if (is_free || group.Declares(index++)) {
      if (!Collect(field.value, inner, max, found)) return false;
      continue;
    }
    NearestName nearest(field.key, kCandidatesMax);
    for (auto at = group.begin; at != group.end; ++at) {
      if (at->rules == nullptr) continue;
      for (const ObjectRules::Slot& slot : at->rules->slots) {
        if (slot.property != nullptr) nearest.Offer(slot.name);
      }
    }
    Violation& violation = found.emplace_back();
    violation.pointer = inner.ToPointer();
    violation.keyword = kUndeclaredKeyword;
    violation.expected = "a property that the schema declares";
    violation.actual = DescribeText(field.key);
    violation.message = absl::StrCat(violation.pointer, " is not declared by the schema");
    if (!nearest.found().empty()) {
      absl::StrAppend(&violation.expected, ", such as ", DescribeText(nearest.found()));
      absl::StrAppend(&violation.message, "; is ", DescribeText(nearest.found()), " meant?");
    }
    if (found.size() >= max) return false;
  }
  return true;
}

}  // namespace nexus::schema
