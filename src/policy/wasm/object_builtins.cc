// object.subset, numbers.range_step

#include <algorithm>
#include <array>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/status_macros.h"
#include "policy/wasm/host_builtins.h"

namespace nexus::policy {
namespace {

using Kind = RegoValue::Kind;
using Operands = absl::Span<const RegoValue>;

// So many numbers fill the memory of an instance.
constexpr size_t kRangeMax = 1'000'000;

const RegoValue* FindMember(const RegoValue& object, const RegoValue& key) {
  for (size_t i = 0; i + 1 < object.items.size(); i += 2) {
    if (object.items[i] == key) return &object.items[i + 1];
  }
  return nullptr;
}

bool Contains(const RegoValue& list, const RegoValue& item) {
  return std::find(list.items.begin(), list.items.end(), item) != list.items.end();
}

// Objects and sets may hold less, at every depth; all else is equal.
bool IsWithin(const RegoValue& super, const RegoValue& sub) {
  if (super.is(Kind::kObject) && sub.is(Kind::kObject)) {
    for (size_t i = 0; i + 1 < sub.items.size(); i += 2) {
      const RegoValue* const member = FindMember(super, sub.items[i]);
      if (member == nullptr || !IsWithin(*member, sub.items[i + 1])) return false;
    }
    return true;
  }
  if (super.is(Kind::kSet) && sub.is(Kind::kSet)) {
    return std::all_of(sub.items.begin(), sub.items.end(),
                       [&](const RegoValue& item) { return Contains(super, item); });
  }
  if (super.is(Kind::kArray) && sub.is(Kind::kArray)) {
    return std::search(super.items.begin(), super.items.end(), sub.items.begin(),
                       sub.items.end()) != super.items.end() ||
           sub.items.empty();
  }
  return super == sub;
}

absl::StatusOr<RegoValue> Subset(Operands operands) {
  const RegoValue& super = operands[0];
  const RegoValue& sub = operands[1];
  const bool set_of_array = super.is(Kind::kArray) && sub.is(Kind::kSet);
  const bool list = super.is(Kind::kObject) || super.is(Kind::kSet) || super.is(Kind::kArray);
  if (!list || (super.kind != sub.kind && !set_of_array)) {
    return absl::InvalidArgumentError("both operands must be objects, sets or arrays");
  }
  if (!set_of_array) return RegoValue::Boolean(IsWithin(super, sub));
  return RegoValue::Boolean(
      std::all_of(sub.items.begin(), sub.items.end(),
                  [&](const RegoValue& item) { return Contains(super, item); }));
}

absl::StatusOr<int64_t> IntegerOperand(Operands operands, size_t index) {
  int64_t number = 0;
  if (operands[index].is(Kind::kNumber) && absl::SimpleAtoi(operands[index].text, &number)) {
    return number;
  }
  return absl::InvalidArgumentError(absl::StrCat("operand ", index + 1, " must be an integer"));
}

absl::StatusOr<RegoValue> RangeStep(Operands operands) {
  NEXUS_ASSIGN_OR_RETURN(const int64_t from, IntegerOperand(operands, 0));
  NEXUS_ASSIGN_OR_RETURN(const int64_t to, IntegerOperand(operands, 1));
  NEXUS_ASSIGN_OR_RETURN(const int64_t step, IntegerOperand(operands, 2));
  if (step <= 0) return absl::InvalidArgumentError("step must be a positive number above zero");
  const bool up = from <= to;
  const uint64_t span = up ? static_cast<uint64_t>(to) - static_cast<uint64_t>(from)
                           : static_cast<uint64_t>(from) - static_cast<uint64_t>(to);
  const uint64_t count = span / static_cast<uint64_t>(step) + 1;
  if (count > kRangeMax) return absl::InvalidArgumentError("too many numbers");
  std::vector<RegoValue> numbers;
  for (uint64_t i = 0; i < count; ++i) {
    const auto far = static_cast<int64_t>(i * static_cast<uint64_t>(step));
    numbers.push_back(RegoValue::Number(up ? from + far : from - far));
  }
  return RegoValue::Array(std::move(numbers));
}

constexpr std::array kObjectBuiltins = {
    NamedBuiltin{"object.subset", 2, &Subset},
    NamedBuiltin{"numbers.range_step", 3, &RangeStep},
};

}  // namespace

absl::Span<const NamedBuiltin> ObjectBuiltins() { return kObjectBuiltins; }

}  // namespace nexus::policy
