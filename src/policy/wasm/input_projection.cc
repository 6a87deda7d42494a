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

// Copies what the nodes name from the cursor to `out`, which has room for it. False if the text is
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
    Put(IsLeaf(node) ? OfKind(first) : written);
    return true;
  }

 private:
  void Put(char c) { *out_++ = c; }
  void Put(std::string_view text) {
    std::memcpy(out_, text.data(), text.size());
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
    Put(key);
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

bool InputProjection::Append(std::string& input, std::string& out) const {
  input.reserve(input.size() + JsonCursor::kPadding);
  // Mostly little of it is used, and what is appended to `out` may be kept for long.
  const auto room = std::make_unique_for_overwrite<char[]>(kGrowthMax * input.size());
  JsonCursor cursor(input);
  Projector projector(cursor, room.get());
  if (cursor.Peek() != '{' || !projector.Value(root_) || !cursor.AtEnd()) return false;
  out.append(room.get(), static_cast<size_t>(projector.end() - room.get()));
  return true;
}

}  // namespace nexus::policy
