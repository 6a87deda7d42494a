#include "schema/protobuf/wire_check.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nexus/core/text.h"
#include "nexus/port/schema_validator.h"

namespace nexus::schema {
namespace {

WireType TypeOf(WireValue value) {
  switch (value) {
    case WireValue::kVarint:
    case WireValue::kClosedEnum:
      return WireType::kVarint;
    case WireValue::kFixed32:
      return WireType::kFixed32;
    case WireValue::kFixed64:
      return WireType::kFixed64;
    case WireValue::kGroup:
      return WireType::kGroup;
    default:
      return WireType::kLength;
  }
}

absl::string_view TypeName(WireType type) {
  constexpr absl::string_view kNames[] = {
      "a varint", "64 bits", "a length and bytes", "a group", "the end of a group", "32 bits"};
  return kNames[static_cast<size_t>(type)];
}

bool IsPackable(const FieldPlan& field) {
  return field.repeated && TypeOf(field.value) != WireType::kLength &&
         field.value != WireValue::kGroup;
}

// Whether no byte is above 0x7F: then it is valid UTF-8, as most texts are.
bool IsAscii(absl::string_view text) {
  uint64_t seen = 0;
  while (text.size() >= sizeof(seen)) {
    uint64_t word = 0;
    std::memcpy(&word, text.data(), sizeof(word));
    seen |= word;
    text.remove_prefix(sizeof(word));
  }
  for (const char c : text) seen |= static_cast<uint8_t>(c);
  return (seen & 0x8080808080808080) == 0;
}

// How often field `number` stands in the bytes, which have been read before.
size_t CountOf(uint32_t number, WireBytes bytes, size_t depth_max) {
  size_t count = 0;
  WireTag tag;
  while (ReadTag(bytes, tag) && SkipValue(bytes, tag, depth_max)) {
    if (tag.number == number) ++count;
  }
  return count;
}

}  // namespace

std::vector<Violation> WireCheck::Run(absl::string_view data) {
  data_ = data.data();
  WireBytes bytes{data.data(), data.data() + data.size()};
  Place place;
  place.begin = bytes.at;
  place.plan = &message_;
  CheckMessage(bytes, place, 0);
  return std::move(violations_);
}

bool WireCheck::CheckMessage(WireBytes& bytes, Place& place, uint32_t group) {
  bool open = group != 0;
  while (!bytes.empty()) {
    const char* const start = bytes.at;
    WireTag tag;
    if (!ReadTag(bytes, tag)) return Malformed(place, start, "the tag of a field");
    if (tag.type == WireType::kEndGroup) {
      if (group == 0 || tag.number != group) {
        return Malformed(place, start, "the end of a group that is open");
      }
      open = false;
      break;
    }
    if (!CheckField(bytes, place, tag, start)) return false;
  }
  if ((place.seen & place.plan->required) != place.plan->required) complete_ = false;
  return !open || Malformed(place, bytes.at, "the end of the group");
}

bool WireCheck::CheckField(WireBytes& bytes, Place& place, const WireTag& tag, const char* start) {
  const FieldPlan* field = place.plan->Find(tag.number);
  if (field != nullptr && TypeOf(field->value) == tag.type) {
    place.seen |= field->required_bit;
    return CheckValue(bytes, place, *field, start);
  }
  if (field != nullptr && tag.type == WireType::kLength && IsPackable(*field)) {
    return CheckPacked(bytes, place, *field, start);
  }
  if (!SkipValue(bytes, tag, limits_.depth_max - std::min(limits_.depth_max, place.depth))) {
    return Malformed(place, bytes.at, TypeName(tag.type));
  }
  if (field != nullptr) {
    const std::string pointer = PointerTo(place, *field, start);
    return Add(pointer, "wireType", TypeName(TypeOf(field->value)), TypeName(tag.type),
               absl::StrCat(pointer, " is written as ", TypeName(tag.type), ", not as ",
                            TypeName(TypeOf(field->value))));
  }
  if (undeclared_.size() < limits_.undeclared_max) AddUndeclared(place, tag.number);
  return true;
}

void WireCheck::AddUndeclared(const Place& place, uint32_t number) {
  Violation& violation = undeclared_.emplace_back();
  violation.pointer = PointerTo(place);
  violation.keyword = kUndeclaredKeyword;
  violation.expected = absl::StrCat("a field that ", place.plan->name, " declares");
  violation.actual = absl::StrCat("field ", number);
  violation.message = absl::StrCat("field ", number, " is not declared in ", place.plan->name);
}

bool WireCheck::CheckValue(WireBytes& bytes, const Place& place, const FieldPlan& field,
                           const char* start) {
  const char* const begin = bytes.at;
  uint64_t number = 0;
  WireBytes content;
  switch (field.value) {
    case WireValue::kVarint:
      return ReadVarint(bytes, number) || Malformed(place, begin, TypeName(WireType::kVarint));
    case WireValue::kClosedEnum:
      if (!ReadVarint(bytes, number)) {
        return Malformed(place, begin, TypeName(WireType::kVarint));
      }
      return CheckEnum(number, place, field, start);
    case WireValue::kFixed32:
      return ReadFixed(bytes, 4) || Malformed(place, begin, TypeName(WireType::kFixed32));
    case WireValue::kFixed64:
      return ReadFixed(bytes, 8) || Malformed(place, begin, TypeName(WireType::kFixed64));
    case WireValue::kString:
    case WireValue::kBytes:
      if (!ReadLength(bytes, content)) {
        return Malformed(place, begin, TypeName(WireType::kLength));
      }
      return field.value == WireValue::kBytes || CheckText(content, place, field, start);
    case WireValue::kMessage:
    case WireValue::kGroup:
      return CheckNested(bytes, place, field, start);
  }
  return true;
}

bool WireCheck::CheckNested(WireBytes& bytes, const Place& place, const FieldPlan& field,
                            const char* start) {
  if (place.depth >= limits_.depth_max) {
    const std::string pointer = PointerTo(place, field, start);
    Add(pointer, "depth", absl::StrCat("at most ", limits_.depth_max, " levels"), "more",
        absl::StrCat(pointer, " nests deeper than ", limits_.depth_max, " messages"));
    return false;
  }
  Place inner;
  inner.parent = &place;
  inner.field = &field;
  inner.at = start;
  inner.plan = field.message;
  inner.depth = place.depth + 1;
  if (field.value == WireValue::kGroup) {
    inner.begin = bytes.at;
    return CheckMessage(bytes, inner, field.number);
  }
  const char* const begin = bytes.at;
  WireBytes content;
  if (!ReadLength(bytes, content)) return Malformed(place, begin, TypeName(WireType::kLength));
  inner.begin = content.at;
  return CheckMessage(content, inner, 0);
}

bool WireCheck::CheckPacked(WireBytes& bytes, const Place& place, const FieldPlan& field,
                            const char* start) {
  const char* const begin = bytes.at;
  WireBytes content;
  if (!ReadLength(bytes, content)) return Malformed(place, begin, TypeName(WireType::kLength));
  uint64_t number = 0;
  while (!content.empty()) {
    if (field.value == WireValue::kVarint && ReadVarint(content, number)) continue;
    if (!CheckValue(content, place, field, start)) return false;
  }
  return true;
}

bool WireCheck::CheckEnum(uint64_t value, const Place& place, const FieldPlan& field,
                          const char* start) {
  const auto number = static_cast<int32_t>(value);
  if (std::binary_search(field.numbers.begin(), field.numbers.end(), number)) return true;
  const std::string pointer = PointerTo(place, field, start);
  return Add(pointer, "enum", "a number that its enum declares", absl::StrCat(number),
             absl::StrCat(pointer, " is ", number, ", which its enum does not declare"));
}

bool WireCheck::CheckText(const WireBytes& text, const Place& place, const FieldPlan& field,
                          const char* start) {
  const absl::string_view content(text.at, static_cast<size_t>(text.end - text.at));
  if (IsAscii(content)) return true;
  const auto bad = FindInvalidUtf8(content);
  if (!bad) return true;
  const std::string pointer = PointerTo(place, field, start);
  return Add(pointer, "utf8", "valid UTF-8", absl::StrCat("a bad byte at ", *bad),
             absl::StrCat(pointer, " is not valid UTF-8 at its byte ", *bad));
}

bool WireCheck::Malformed(const Place& place, const char* at, absl::string_view expected) {
  const std::string byte = absl::StrCat("byte ", at - data_);
  Add(PointerTo(place), "wire", expected, byte,
      absl::StrCat(byte, ": ", expected, " was expected and cannot be read"));
  return false;
}

bool WireCheck::Add(const std::string& pointer, absl::string_view keyword,
                    absl::string_view expected, absl::string_view actual,
                    absl::string_view message) {
  if (violations_.size() < std::max<size_t>(1, violations_max_)) {
    Violation violation;
    violation.pointer = pointer;
    violation.keyword = std::string(keyword);
    violation.expected = std::string(expected);
    violation.actual = std::string(actual);
    violation.message = std::string(message);
    violations_.push_back(std::move(violation));
  }
  return violations_.size() < violations_max_;
}

std::string WireCheck::PointerTo(const Place& place) const {
  return place.parent == nullptr ? "" : PointerTo(*place.parent, *place.field, place.at);
}

std::string WireCheck::PointerTo(const Place& place, const FieldPlan& field,
                                 const char* start) const {
  std::string pointer = absl::StrCat(PointerTo(place), "/", field.name);
  if (field.repeated) {
    absl::StrAppend(&pointer, "/", CountOf(field.number, {place.begin, start}, limits_.depth_max));
  }
  return pointer;
}

}  // namespace nexus::schema
