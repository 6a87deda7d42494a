#include "schema/json/json_document.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "nexus/core/errors.h"
#include "nexus/core/status_macros.h"
#include "schema/json/json_fault.h"
#include "schema/json/json_pointer.h"

namespace nexus::schema {
namespace {

using simdjson::dom::parser;

// A thread's parser keeps its memory, some fifteen bytes for each of the largest document so far.
// Documents above this get a parser of their own, so that threads do not hoard.
constexpr size_t kSharedParserBytesMax = 64 << 10;

absl::Status Malformed(absl::string_view text, size_t depth_max, simdjson::error_code code) {
  if (code == simdjson::MEMALLOC) {
    return MakeError(ErrorReason::kOverloaded, "no memory to parse a JSON document");
  }
  const auto fault = FindJsonFault(text, depth_max);
  // Both readers must agree; if ever they do not, the refusal stands and names the parser's reason.
  if (!fault) {
    return MakeError(ErrorReason::kMalformedJson,
                     absl::StrCat("malformed JSON: ", simdjson::error_message(code)));
  }
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedJson;
  details.metadata.emplace_back("offset", absl::StrCat(fault->offset));
  return MakeError(absl::StrCat("malformed JSON at byte ", fault->offset, ": ", fault->reason),
                   details);
}

// Whether two members of `object` have one name; the 64-bit filter settles small objects, nearly
// all there are, without a table.
std::optional<std::string_view> DuplicateName(simdjson::dom::object object) {
  constexpr size_t kScanMax = 16;
  uint64_t filter = 0;
  size_t count = 0;
  absl::flat_hash_set<std::string_view> names;
  for (const auto field : object) {
    const std::string_view name = field.key;
    if (count == kScanMax) {
      for (const auto earlier : object) {
        if (names.size() == count) break;
        names.insert(earlier.key);
      }
    }
    if (count >= kScanMax) {
      if (!names.insert(name).second) return name;
      ++count;
      continue;
    }
    const size_t size = name.size();
    const uint64_t mixed = size == 0 ? 0
                                     : size * 7 + static_cast<uint8_t>(name[0]) * uint64_t{5} +
                                           static_cast<uint8_t>(name[size - 1]);
    const uint64_t bit = uint64_t{1} << (mixed & 63);
    if ((filter & bit) != 0) {
      size_t left = count;
      for (const auto earlier : object) {
        if (left-- == 0) break;
        if (earlier.key == name) return name;
      }
    }
    filter |= bit;
    ++count;
  }
  return std::nullopt;
}

// What the parser lets pass: a property named twice, and an empty container one level too deep.
class TreeCheck {
 public:
  // True if `element` has such a fault. `levels_left` containers may be nested from here on.
  bool FindsFault(JsonElement element, size_t levels_left) {
    if (levels_left == 0) return too_deep_ = true;
    if (element.is_array()) return FindsFaultInArray(element, levels_left);
    const simdjson::dom::object object = MembersOf(element);
    if (const auto name = DuplicateName(object)) return Note(std::string(*name));
    for (const auto field : object) {
      if (IsContainer(field.value) && FindsFault(field.value, levels_left - 1)) {
        return Note(std::string(field.key));
      }
    }
    return false;
  }

  static bool IsContainer(JsonElement element) { return element.is_object() || element.is_array(); }
  bool too_deep() const { return too_deep_; }
  std::string Pointer() const {
    std::string pointer;
    for (auto token = path_.rbegin(); token != path_.rend(); ++token) {
      AppendPointerToken(pointer, absl::string_view(*token));
    }
    return pointer;
  }

 private:
  bool FindsFaultInArray(JsonElement array, size_t levels_left) {
    size_t index = 0;
    for (const JsonElement item : ItemsOf(array)) {
      if (IsContainer(item) && FindsFault(item, levels_left - 1)) return Note(absl::StrCat(index));
      ++index;
    }
    return false;
  }
  bool Note(std::string token) {
    path_.push_back(std::move(token));
    return true;
  }

  std::vector<std::string> path_;  // to the fault, innermost first
  bool too_deep_ = false;
};

absl::Status CheckTree(absl::string_view text, JsonElement root, size_t depth_max) {
  TreeCheck check;
  if (!TreeCheck::IsContainer(root) || !check.FindsFault(root, depth_max)) return absl::OkStatus();
  if (check.too_deep()) return Malformed(text, depth_max, simdjson::DEPTH_ERROR);
  ErrorDetails details;
  details.reason = ErrorReason::kMalformedJson;
  details.metadata.emplace_back("pointer", check.Pointer());
  return MakeError(
      absl::StrCat("malformed JSON: the property ", check.Pointer(), " is there twice"), details);
}

// `depth_max` of the parser counts one level more than there are containers.
simdjson::error_code Prepare(parser& p, size_t bytes, size_t depth_max) {
  if (p.capacity() >= bytes && p.max_depth() == depth_max + 1) return simdjson::SUCCESS;
  return p.allocate(std::max(bytes, p.capacity()), depth_max + 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<const JsonDocument>> JsonDocument::Parse(absl::string_view text,
                                                                        size_t depth_max) {
  auto document = std::make_unique<JsonDocument>();
  parser p;
  simdjson::error_code error = Prepare(p, text.size(), depth_max);
  if (!error) {
    error =
        p.parse_into_document(document->document_, text.data(), text.size()).get(document->root_);
  }
  if (error) return Malformed(text, depth_max, error);
  NEXUS_RETURN_IF_ERROR(CheckTree(text, document->root_, depth_max));
  return document;
}

absl::StatusOr<TransientJson> TransientJson::Parse(absl::string_view text, size_t depth_max) {
  thread_local parser shared;
  TransientJson json;
  parser* p = &shared;
  if (text.size() > kSharedParserBytesMax) {
    json.own_ = std::make_unique<parser>();
    p = json.own_.get();
  }
  simdjson::error_code error = Prepare(*p, text.size(), depth_max);
  if (!error) error = p->parse(text.data(), text.size()).get(json.root_);
  if (error) return Malformed(text, depth_max, error);
  NEXUS_RETURN_IF_ERROR(CheckTree(text, json.root_, depth_max));
  return json;
}

}  // namespace nexus::schema
