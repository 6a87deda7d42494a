#include "schema/json/json_compare.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/hash/hash.h"
#include "absl/strings/str_format.h"

namespace nexus::schema {
namespace {

using simdjson::dom::element_type;

bool IsNumber(element_type type) {
  return type == element_type::INT64 || type == element_type::UINT64 ||
         type == element_type::DOUBLE;
}

using Member = std::pair<std::string_view, JsonElement>;

std::vector<Member> SortedMembers(JsonElement object) {
  std::vector<Member> members;
  for (const auto field : MembersOf(object)) {
    members.emplace_back(field.key, field.value);
  }
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.first < b.first; });
  return members;
}

bool SameArrays(JsonElement a, JsonElement b) {
  const auto left = ItemsOf(a);
  const auto right = ItemsOf(b);
  auto other = right.begin();
  for (const JsonElement item : left) {
    if (!(other != right.end()) || !SameJson(item, *other)) return false;
    ++other;
  }
  return !(other != right.end());
}

bool SameObjects(JsonElement a, JsonElement b) {
  const std::vector<Member> left = SortedMembers(a);
  const std::vector<Member> right = SortedMembers(b);
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (left[i].first != right[i].first || !SameJson(left[i].second, right[i].second)) return false;
  }
  return true;
}

size_t Mix(size_t seed, size_t value) { return absl::HashOf(seed, value); }

// 3 and 3.0 are equal, so a whole double is hashed as the integer that it is.
size_t HashNumber(const Number& n) {
  if (n.kind == Number::Kind::kDouble && (!IsWhole(n) || n.d < 0 || n.d >= 0x1p64)) {
    if (IsWhole(n) && n.d < 0 && n.d >= -0x1p63)
      return absl::HashOf('i', static_cast<int64_t>(n.d));
    return absl::HashOf('d', n.d);
  }
  if (n.kind == Number::Kind::kInt && n.i < 0) return absl::HashOf('i', n.i);
  return absl::HashOf('u', ToCount(n));
}

void AppendCanonical(std::string& out, JsonElement element) {
  bool first = true;
  switch (element.type()) {
    case element_type::ARRAY:
      out += '[';
      for (const JsonElement item : ItemsOf(element)) {
        if (!std::exchange(first, false)) out += ',';
        AppendCanonical(out, item);
      }
      out += ']';
      return;
    case element_type::OBJECT:
      out += '{';
      for (const auto& [name, value] : SortedMembers(element)) {
        if (!std::exchange(first, false)) out += ',';
        AppendQuoted(out, name);
        out += ':';
        AppendCanonical(out, value);
      }
      out += '}';
      return;
    case element_type::STRING:
      AppendQuoted(out, element.get_string().value_unsafe());
      return;
    case element_type::BOOL:
      out += element.get_bool().value_unsafe() ? "true" : "false";
      return;
    case element_type::NULL_VALUE:
      out += "null";
      return;
    default:
      out += NumberText(NumberOf(element));
  }
}

}  // namespace

Number NumberOf(JsonElement element) {
  switch (element.type()) {
    case element_type::INT64:
      return Number::Int(element.get_int64().value_unsafe());
    case element_type::UINT64:
      return Number::Uint(element.get_uint64().value_unsafe());
    default:
      return Number::Double(element.get_double().value_unsafe());
  }
}

bool SameJson(JsonElement a, JsonElement b) {
  const element_type type = a.type();
  if (IsNumber(type)) return IsNumber(b.type()) && CompareNumbers(NumberOf(a), NumberOf(b)) == 0;
  if (type != b.type()) return false;
  switch (type) {
    case element_type::ARRAY:
      return SameArrays(a, b);
    case element_type::OBJECT:
      return SameObjects(a, b);
    case element_type::STRING:
      return a.get_string().value_unsafe() == b.get_string().value_unsafe();
    case element_type::BOOL:
      return a.get_bool().value_unsafe() == b.get_bool().value_unsafe();
    default:
      return true;
  }
}

size_t HashJson(JsonElement element) {
  const element_type type = element.type();
  if (IsNumber(type)) return HashNumber(NumberOf(element));
  size_t hash = absl::HashOf(static_cast<char>(type));
  switch (type) {
    case element_type::ARRAY:
      for (const JsonElement item : ItemsOf(element)) {
        hash = Mix(hash, HashJson(item));
      }
      return hash;
    case element_type::OBJECT: {
      size_t members = 0;  // a sum, because their order does not matter
      for (const auto field : MembersOf(element)) {
        members += Mix(absl::HashOf(std::string_view(field.key)), HashJson(field.value));
      }
      return Mix(hash, members);
    }
    case element_type::STRING:
      return HashText(element.get_string().value_unsafe());
    case element_type::BOOL:
      return Mix(hash, element.get_bool().value_unsafe());
    default:
      return hash;
  }
}

size_t HashText(std::string_view text) { return absl::HashOf('s', text); }

void AppendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&out, "\\u%04x", c);
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string CanonicalJson(JsonElement element) {
  std::string out;
  AppendCanonical(out, element);
  return out;
}

}  // namespace nexus::schema
