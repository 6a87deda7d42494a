#include "declaration/strict_object.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "nexus/core/edit_distance.h"
#include "nexus/core/errors.h"
#include "nexus/core/text.h"

namespace nexus::declaration {
namespace {

constexpr size_t kNearestBytesMax = 64;

constexpr double kMillion = 1e6;
// Of a millionth: what a number of six places may be off, read as a double.
constexpr double kSlack = 1e-3;

}  // namespace

std::string EscapedForPointer(absl::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

absl::Status DeclarationFault(absl::string_view pointer, absl::string_view message) {
  Violation violation;
  violation.field = "declaration";
  violation.pointer = std::string(pointer);
  violation.message = std::string(message);
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedRequest;
  details.violations.push_back(std::move(violation));
  return MakeError(absl::StrCat(pointer.empty() ? "the declaration" : pointer, ": ", message),
                   details);
}

StrictObject::StrictObject(JsonReader& json, absl::string_view text, std::string pointer)
    : json_(json), pointer_(std::move(pointer)) {
  auto members = json.ReadObject(text);
  if (members.ok()) {
    members_ = *std::move(members);
  } else {
    const absl::string_view why(members.status().message().data(),
                                members.status().message().size());
    status_ = DeclarationFault(pointer_, why);
  }
}

std::vector<std::string> StrictObject::Names() const {
  std::vector<std::string> names;
  names.reserve(members_.size());
  for (const auto& [name, member] : members_) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

bool StrictObject::HasText(absl::string_view name) const {
  const auto found = members_.find(name);
  return found != members_.end() && found->second.is_string;
}

const JsonMember* StrictObject::Find(absl::string_view name) {
  asked_.emplace(name);
  const auto found = members_.find(name);
  return found == members_.end() ? nullptr : &found->second;
}

const JsonMember* StrictObject::FindText(absl::string_view name) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return nullptr;
  if (member->is_string) return member;
  Fail(name, absl::StrCat("a string is needed here, not ", member->text.substr(0, 40)));
  return nullptr;
}

void StrictObject::Text(absl::string_view name, std::string& out, size_t bytes_max) {
  const JsonMember* member = FindText(name);
  if (member == nullptr) return;
  if (member->text.size() > bytes_max) {
    return Fail(name, absl::StrCat("it has ", member->text.size(), " bytes; at most ", bytes_max));
  }
  if (FindControlCharacter(member->text).has_value()) {
    return Fail(name, "it holds a control character");
  }
  out = member->text;
}

void StrictObject::Flag(absl::string_view name, bool& out) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return;
  if (member->is_string || (member->text != "true" && member->text != "false")) {
    return Fail(name, "true or false is needed here");
  }
  out = member->text == "true";
}

void StrictObject::Number(absl::string_view name, uint64_t& out, uint64_t min, uint64_t max) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return;
  uint64_t value = 0;
  if (member->is_string || !absl::SimpleAtoi(member->text, &value) || value < min || value > max) {
    return Fail(name, absl::StrCat("a whole number from ", min, " to ", max, " is needed here"));
  }
  out = value;
}

void StrictObject::Share(absl::string_view name, double& out) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return;
  double value = 0;
  const bool number = !member->is_string && absl::SimpleAtod(member->text, &value);
  if (!number || !(value >= 0 && value <= 1)) return Fail(name, "a number from 0 to 1 is needed");
  out = value;
}

void StrictObject::Decimal(absl::string_view name, int64_t& out, int64_t limit) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return;
  double value = 0;
  const bool number = !member->is_string && absl::SimpleAtod(member->text, &value);
  const double bound = static_cast<double>(limit) / kMillion;
  if (!number || !(value >= -bound && value <= bound)) {
    return Fail(EscapedForPointer(name),
                absl::StrCat("a number from ", -bound, " to ", bound, " is needed here"));
  }
  const double millionths = std::round(value * kMillion);
  if (std::abs(value * kMillion - millionths) > kSlack) {
    return Fail(EscapedForPointer(name), "it has more than six decimal places");
  }
  out = static_cast<int64_t>(millionths);
}

void StrictObject::Texts(absl::string_view name, std::vector<std::string>& out, size_t count_max) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return;
  auto items = json_.ReadArray(member->is_string ? "0" : member->text);
  if (!items.ok()) return Fail(name, "a list of strings is needed here");
  if (items->size() > count_max) {
    return Fail(name, absl::StrCat("it has ", items->size(), " items; at most ", count_max));
  }
  for (size_t i = 0; i < items->size(); ++i) {
    JsonMember& item = (*items)[i];
    if (!item.is_string || item.text.empty()) {
      return Fail(absl::StrCat(name, "/", i), "a string that is not empty is needed here");
    }
    out.push_back(std::move(item.text));
  }
}

void StrictObject::TextMap(absl::string_view name,
                           std::vector<std::pair<std::string, std::string>>& out,
                           size_t count_max) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return;
  auto members = json_.ReadObject(member->is_string ? "0" : member->text);
  if (!members.ok()) return Fail(name, "an object of strings is needed here");
  if (members->size() > count_max) {
    return Fail(name, absl::StrCat("it has ", members->size(), " members; at most ", count_max));
  }
  for (auto& [key, value] : *members) {
    if (!value.is_string) {
      return Fail(absl::StrCat(name, "/", EscapedForPointer(key)), "a string is needed here");
    }
    out.emplace_back(key, std::move(value.text));
  }
  std::sort(out.begin(), out.end());
}

void StrictObject::Json(absl::string_view name, std::string& out) {
  const JsonMember* member = Find(name);
  if (member == nullptr || !status_.ok()) return;
  if (member->is_string) return Fail(name, "an object is needed here");
  out = member->text;
}

void StrictObject::Require(absl::string_view name) {
  if (!Has(name)) Fail(name, "it is missing");
}

void StrictObject::Fail(absl::string_view name, absl::string_view message) {
  if (status_.ok()) status_ = DeclarationFault(PointerOf(name), message);
}

void StrictObject::Take(const absl::Status& status) {
  if (status_.ok()) status_ = status;
}

std::string StrictObject::PointerOf(absl::string_view name) const {
  return absl::StrCat(pointer_, "/", name);
}

absl::Status StrictObject::Finish() {
  if (!status_.ok()) return status_;
  std::vector<std::string> unknown;
  for (const auto& [name, member] : members_) {
    if (!asked_.contains(name)) unknown.push_back(name);
  }
  if (unknown.empty()) return absl::OkStatus();
  std::sort(unknown.begin(), unknown.end());
  const std::string name = unknown.front().substr(0, kNearestBytesMax);
  std::vector<std::string> known(asked_.begin(), asked_.end());
  std::sort(known.begin(), known.end(), [&](const std::string& a, const std::string& b) {
    return std::make_pair(EditDistance(name, a), a) < std::make_pair(EditDistance(name, b), b);
  });
  return DeclarationFault(
      PointerOf(EscapedForPointer(name)),
      absl::StrCat("there is no such member",
                   known.empty() ? "" : absl::StrCat("; did you mean '", known.front(), "'?")));
}

}  // namespace nexus::declaration
