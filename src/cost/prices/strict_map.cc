#include "cost/prices/strict_map.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "nexus/core/edit_distance.h"
#include "nexus/core/errors.h"
#include "nexus/core/text.h"

namespace nexus::cost {
namespace {

constexpr size_t kTextBytesMax = 500;
constexpr size_t kShownBytesMax = 64;

std::string Escaped(absl::string_view name) {
  return absl::StrReplaceAll(name.substr(0, kShownBytesMax), {{"~", "~0"}, {"/", "~1"}});
}

}  // namespace

absl::Status PriceFault(absl::string_view pointer, int line, absl::string_view message) {
  Violation violation;
  violation.field = "prices";
  violation.pointer = std::string(pointer);
  violation.message = std::string(message);
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedRequest;
  details.violations.push_back(std::move(violation));
  const std::string place = line > 0 ? absl::StrCat(" (line ", line, ")") : "";
  return MakeError(
      absl::StrCat("price file: ", pointer.empty() ? "/" : pointer, place, ": ", message), details);
}

StrictMap::StrictMap(const YAML::Node& node, std::string pointer)
    : pointer_(std::move(pointer)), line_(node.IsDefined() ? node.Mark().line + 1 : 0) {
  if (!node.IsDefined() || !node.IsMap()) {
    status_ = PriceFault(pointer_, line_, "a map is needed here");
    return;
  }
  for (const auto& entry : node) {
    const int line = entry.first.Mark().line + 1;
    const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    if (Find(name) != nullptr) {
      status_ = PriceFault(absl::StrCat(pointer_, "/", Escaped(name)), line, "it is there twice");
      return;
    }
    members_.push_back({name, entry.second, line});
  }
}

const StrictMap::Member* StrictMap::Find(absl::string_view name) const {
  const auto found = std::find_if(members_.begin(), members_.end(),
                                  [name](const Member& one) { return one.name == name; });
  return found == members_.end() ? nullptr : &*found;
}

bool StrictMap::Has(absl::string_view name) const { return Find(name) != nullptr; }

const StrictMap::Member* StrictMap::Require(absl::string_view name) {
  asked_.emplace(name);
  const Member* member = Find(name);
  if (member == nullptr) {
    Fail(name, "it is missing");
  } else if (member->node.IsNull()) {
    Fail(name, "it is empty");
  }
  return status_.ok() ? member : nullptr;
}

const std::string* StrictMap::Scalar(absl::string_view name) {
  const Member* member = Require(name);
  if (member == nullptr) return nullptr;
  if (!member->node.IsScalar()) {
    Fail(name, "one value is needed here, not a list or a map");
    return nullptr;
  }
  return &member->node.Scalar();
}

std::string StrictMap::Text(absl::string_view name) {
  const std::string* text = Scalar(name);
  if (text == nullptr) return "";
  if (text->empty()) Fail(name, "it is empty");
  if (text->size() > kTextBytesMax) {
    Fail(name, absl::StrCat("it has ", text->size(), " bytes; at most ", kTextBytesMax));
  }
  if (FindInvalidUtf8(*text).has_value()) Fail(name, "it is not UTF-8");
  if (FindControlCharacter(*text).has_value()) Fail(name, "it holds a control character");
  return *text;
}

std::string StrictMap::OptionalText(absl::string_view name) {
  asked_.emplace(name);
  return Has(name) ? Text(name) : "";
}

bool StrictMap::Flag(absl::string_view name) {
  const std::string* text = Scalar(name);
  if (text == nullptr) return false;
  if (*text != "true" && *text != "false") Fail(name, "true or false is needed here");
  return *text == "true";
}

uint64_t StrictMap::Number(absl::string_view name, uint64_t min, uint64_t max) {
  const std::string* text = Scalar(name);
  uint64_t value = 0;
  if (text == nullptr) return min;
  if (!absl::SimpleAtoi(*text, &value) || value < min || value > max) {
    Fail(name, absl::StrCat("a whole number from ", min, " to ", max, " is needed here, not '",
                            text->substr(0, kShownBytesMax), "'"));
    return min;
  }
  return value;
}

StrictMap StrictMap::Map(absl::string_view name) {
  const Member* member = Require(name);
  const std::string pointer = absl::StrCat(pointer_, "/", Escaped(name));
  if (member != nullptr) return {member->node, pointer};
  return {YAML::Node(YAML::NodeType::Map), pointer};
}

std::vector<std::string> StrictMap::Names() const {
  std::vector<std::string> names;
  for (const Member& member : members_) names.push_back(member.name);
  return names;
}

void StrictMap::Fail(absl::string_view name, absl::string_view message) {
  if (!status_.ok()) return;
  const Member* member = Find(name);
  status_ = PriceFault(absl::StrCat(pointer_, "/", Escaped(name)),
                       member == nullptr ? line_ : member->line, message);
}

void StrictMap::Take(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

absl::Status StrictMap::Finish() {
  for (const Member& member : members_) {
    if (!status_.ok()) break;
    if (asked_.contains(member.name)) continue;
    const std::string name = member.name.substr(0, kShownBytesMax);
    std::vector<std::string> known(asked_.begin(), asked_.end());
    std::sort(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
      return std::make_pair(EditDistance(name, a), a) < std::make_pair(EditDistance(name, b), b);
    });
    Fail(member.name,
         absl::StrCat("there is no such member",
                      known.empty() ? "" : absl::StrCat("; did you mean '", known.front(), "'?")));
  }
  return status_;
}

}  // namespace nexus::cost
