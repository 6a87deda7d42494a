#include "policy/wasm/input_projection.h"

#include <simdjson.h>

#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "policy/wasm/json_cursor.h"

namespace nexus::policy {
namespace {

using Node = InputProjection::Node;

Node Everything() {
  Node node;
  node.whole = true;
  return node;
}

// Of the paths, what comes after their first `depth` steps.
Node Build(const std::vector<absl::Span<const std::string>>& paths) {
  Node node;
  std::map<std::string, std::vector<absl::Span<const std::string>>> below;
  for (const absl::Span<const std::string> path : paths) {
    if (path.empty()) return Everything();
    if (path[0] == kShapeStep) {
      node.shape = true;
    } else if (path[0] != kKindStep) {
      below[path[0]].push_back(path.subspan(1));
    }
  }
  const auto each = below.find(std::string(kEachStep));
  if (each != below.end()) node.each = std::make_shared<const Node>(Build(each->second));
  for (auto& [name, rest] : below) {
    if (name == kEachStep) continue;
    // A member is one of all members, too.
    if (each != below.end()) rest.insert(rest.end(), each->second.begin(), each->second.end());
    node.members.push_back({name, Build(rest)});
  }
  return node;
}

bool IsLeaf(const Node& node) {
  return node.members.empty() && node.each == nullptr && !node.shape && !node.whole;
}

const Node* Find(const Node& node, std::string_view key) {
  for (const auto& [name, member] : node.members) {
    if (name == key) return &member;
  }
  return node.each.get();
}

// What a key with escapes says; nothing if it is not sound.
std::optional<std::string> Unescaped(std::string_view written) {
  simdjson::dom::parser parser;
  std::string_view text;
  const std::string quoted = absl::StrCat("\"", std::string(written), "\"");
  if (parser.parse(quoted).get(text) != simdjson::SUCCESS) return std::nullopt;
  return std::string(text);
}

// A value of the kind, for one that nobody looks into.
std::string_view OfKind(char first) {
  switch (first) {
    case '"':
      return "\"\"";
    case '{':
      return "{}";
    case '[':
      return "[]";
    case 't':
    case 'f':
      return "false";
    case 'n':
      return "null";
    default:
      return "0";
  }
}

// No value becomes longer than four of its bytes: 0 becomes null, where only the shape is read.
constexpr size_t kGrowthMax = 4;
// Most inputs need no memory of their own to be read.
constexpr size_t kUsualBytes = 10'240;

constexpr size_t RoomFor(size_t input) { return kGrowthMax * input + JsonCursor::kPadding; }

// Copies what the nodes name from the cursor to `out`, which has RoomFor() it. False if the text is
// not sound.
class Projector {
 public:
  Projector(JsonCursor& in, char* out) : in_(in), out_(out) {}

  char* end() const { return out_; }

  bool Value(const Node& node) {
    const char first = in_.Peek();
    if (!node.whole && !IsLeaf(node)) {
      if (first == '{') return Members(node);
      if (first == '[') return Elements(node);
    }
    std::string_view written;
    if (!in_.Value(written)) return false;
    IsLeaf(node) ? Put(OfKind(first)) : Copy(written);
    return true;
  }

 private:
  void Put(char c) { *out_++ = c; }
  void Put(std::string_view text) {
    std::memcpy(out_, text.data(), text.size());
    out_ += text.size();
  }

  // Of a text of the cursor. Short ones, which are most, in one step, and a little beyond: both
  // sides have padding for that.
  void Copy(std::string_view text) {
    std::memcpy(out_, text.data(), JsonCursor::kPadding);
    if (text.size() > JsonCursor::kPadding) {
      std::memcpy(out_ + JsonCursor::kPadding, text.data() + JsonCursor::kPadding,
                  text.size() - JsonCursor::kPadding);
    }
    out_ += text.size();
  }

  bool Members(const Node& node) {
    in_.Take('{');
    Put('{');
    bool comma = false;
    if (!in_.Take('}')) {
      do {
        std::string_view key;
        if (!in_.String(key) || !in_.Take(':') || !Member(node, key, comma)) return false;
      } while (in_.Take(','));
      if (!in_.Take('}')) return false;
    }
    Put('}');
    return true;
  }

  bool Member(const Node& node, std::string_view key, bool& comma) {
    const Node* member = nullptr;
    if (key.find('\\') == std::string_view::npos) {
      member = Find(node, key);
    } else {
      const std::optional<std::string> unescaped = Unescaped(key);
      if (!unescaped.has_value()) return false;
      member = Find(node, *unescaped);
    }
    if (member == nullptr && !node.shape) return in_.Skip();
    if (std::exchange(comma, true)) Put(',');
    Put('"');
    Copy(key);
    Put('"');
    Put(':');
    if (member != nullptr) return Value(*member);
    Put("null");
    return in_.Skip();
  }

  bool Elements(const Node& node) {
    in_.Take('[');
    Put('[');
    bool comma = false;
    if (!in_.Take(']')) {
      do {
        if (!Element(node, comma)) return false;
      } while (in_.Take(','));
      if (!in_.Take(']')) return false;
    }
    Put(']');
    return true;
  }

  bool Element(const Node& node, bool& comma) {
    if (node.each == nullptr && !node.shape) return in_.Skip();
    if (std::exchange(comma, true)) Put(',');
    if (node.each != nullptr) return Value(*node.each);
    Put("null");
    return in_.Skip();
  }

  JsonCursor& in_;
  char* out_;
};

}  // namespace

InputProjection::InputProjection(const InputPaths& paths) {
  root_ = Build({paths.begin(), paths.end()});
}

bool InputProjection::Append(absl::string_view input, std::string& out) const {
  // The text with its padding, then room for what is read of it; mostly little of that is used, and
  // what is appended to `out` may be kept for long.
  const size_t text_bytes = input.size() + JsonCursor::kPadding;
  const size_t bytes = text_bytes + RoomFor(input.size());
  char usual[kUsualBytes];
  std::unique_ptr<char[]> more;
  char* text = usual;
  if (bytes > kUsualBytes) {
    more = std::make_unique_for_overwrite<char[]>(bytes);
    text = more.get();
  }
  std::memcpy(text, input.data(), input.size());
  std::memset(text + input.size(), 0, JsonCursor::kPadding);
  char* const room = text + text_bytes;
  JsonCursor cursor({text, input.size()});
  Projector projector(cursor, room);
  if (cursor.Peek() != '{' || !projector.Value(root_) || !cursor.AtEnd()) return false;
  out.append(room, static_cast<size_t>(projector.end() - room));
  return true;
}

}  // namespace nexus::policy
