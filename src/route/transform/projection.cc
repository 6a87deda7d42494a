#include "route/transform/projection.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "digest/hmac_sha256.h"
#include "nexus/core/errors.h"
#include "nexus/core/json_text.h"
#include "nexus/core/text.h"
#include "route/transform/json_scanner.h"

namespace nexus::route {
namespace {

bool IsIndex(absl::string_view name) {
  return !name.empty() && (name == "0" || name[0] != '0') &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c); });
}

const PointerNode* FindNode(const PointerNodes& nodes, bool (*has)(const PointerNode&)) {
  for (const PointerNode* node : nodes) {
    if (has(*node)) return node;
  }
  return nullptr;
}

// What becomes of the value at a place.
struct Place {
  PointerNodes nodes;
  bool picked = false;  // it, or what it is in
  bool mute = false;    // nothing of it stays; it is looked at for what must be there
};

// Recursive descent. Each method is false once something is wrong, and `status_` says what.
class Projection {
 public:
  Projection(absl::string_view data, const Pseudonyms& pseudonyms)
      : scanner_(data), pseudonyms_(pseudonyms) {
    out_.reserve(data.size());
  }

  absl::StatusOr<std::string> Run(const PointerNode& tree) {
    Place root;
    root.nodes.push_back(&tree);
    root.picked = !tree.picks_below;
    const char first = scanner_.Peek();
    if (first != '{' && first != '[') {
      return Refusal("the data is neither an object nor an array");
    }
    if (!Value(root, 0)) return status_;
    if (!scanner_.AtEnd()) return Refusal(absl::StrCat(kNotJson, scanner_.offset()));
    return std::move(out_);
  }

 private:
  static constexpr absl::string_view kNotJson = "the data is not JSON at byte ";

  static absl::Status Refusal(absl::string_view why) {
    return MakeError(ErrorReason::kSchemaViolation, absl::StrCat("transform: ", why));
  }
  bool Fail(absl::string_view why) {
    if (status_.ok()) status_ = Refusal(why);
    return false;
  }
  bool Malformed() { return Fail(absl::StrCat(kNotJson, scanner_.offset())); }

  void Emit(const Place& place, absl::string_view text) {
    if (!place.mute) out_.append(text.data(), text.size());
  }

  bool Value(const Place& place, int depth) {
    if (depth > kTransformDepthMax) {
      return Fail(absl::StrCat("the data nests deeper than ", kTransformDepthMax));
    }
    const char first = scanner_.Peek();
    if (first == '{') return Object(place, depth);
    if (first == '[') return Array(place, depth);
    absl::string_view raw;
    if (!scanner_.Scalar(raw)) return Malformed();
    if (!FitsScalar(place, raw)) return false;
    Emit(place, raw);
    return true;
  }

  // A value that holds nothing, where pointers lead further.
  bool FitsScalar(const Place& place, absl::string_view raw) {
    for (const PointerNode* node : place.nodes) {
      if (node->required_below != nullptr) return Missing(*node->required_below);
      if (node->hidden_below != nullptr && !place.mute && raw != "null") {
        return Misfit(*node->hidden_below);
      }
    }
    return true;
  }

  bool Missing(const std::string& pointer) {
    return Fail(absl::StrCat("the data has no ", pointer, ", which is required"));
  }
  bool Misfit(const std::string& pointer) {
    return Fail(absl::StrCat("the data has another form on the way to ", pointer,
                             ": what should be hidden may stand elsewhere"));
  }

  bool Object(const Place& place, int depth) {
    scanner_.Take('{');
    Emit(place, "{");
    std::vector<std::string> seen;
    std::vector<std::string> given;
    const bool asks = Asks(place);
    const bool renames = Renames(place);
    bool first = true;
    if (!scanner_.Take('}')) {
      do {
        absl::string_view raw;
        if (!scanner_.String(raw) || !scanner_.Take(':')) return Malformed();
        const absl::string_view body = raw.substr(1, raw.size() - 2);
        const std::string name =
            absl::StrContains(body, '\\') ? DecodedString(raw) : std::string(body);
        if (asks) seen.push_back(name);
        if (!Member(place, raw, name, depth, first, renames ? &given : nullptr)) return false;
      } while (scanner_.Take(','));
      if (!scanner_.Take('}')) return Malformed();
    }
    if (asks && !HasRequired(place, seen)) return false;
    if (renames && !AreDistinct(place, given)) return false;
    Emit(place, "}");
    return true;
  }

  static bool Asks(const Place& place) {
    return AnyOf(place.nodes,
                 [](const PointerNode& node) { return node.required_below != nullptr; });
  }

  static bool Renames(const Place& place) {
    if (place.mute) return false;
    return AnyOf(place.nodes, [](const PointerNode& node) {
      return std::any_of(node.members.begin(), node.members.end(),
                         [](const auto& child) { return child.second->rename != nullptr; });
    });
  }

  bool Member(const Place& place, absl::string_view raw, absl::string_view name, int depth,
              bool& first, std::vector<std::string>* given) {
    const Place child = PlaceOf(place, name);
    if (!child.mute) {
      const PointerNode* renamed =
          FindNode(child.nodes, [](const PointerNode& node) { return node.rename != nullptr; });
      if (given != nullptr) given->push_back(renamed ? *renamed->rename : std::string(name));
      if (!first) out_ += ',';
      first = false;
      if (renamed != nullptr) {
        AppendJsonString(out_, *renamed->rename);
      } else {
        out_.append(raw.data(), raw.size());
      }
      out_ += ':';
    }
    return Held(child, depth);
  }

  bool Array(const Place& place, int depth) {
    if (!place.mute && !FitsArray(place)) return false;
    scanner_.Take('[');
    Emit(place, "[");
    std::vector<std::string> seen;
    const bool asks = Asks(place);
    bool first = true;
    size_t index = 0;
    if (!scanner_.Take(']')) {
      do {
        // Nodes of items have names only where somebody counts.
        const std::string name = place.nodes.empty() ? std::string() : absl::StrCat(index);
        const Place child = PlaceOf(place, name);
        if (!child.mute && !first) out_ += ',';
        first = first && child.mute;
        if (asks) seen.push_back(name);
        if (!Held(child, depth)) return false;
        ++index;
      } while (scanner_.Take(','));
      if (!scanner_.Take(']')) return Malformed();
    }
    if (!HasRequired(place, seen)) return false;
    Emit(place, "]");
    return true;
  }

  // A name leads nowhere in an array.
  bool FitsArray(const Place& place) {
    for (const PointerNode* node : place.nodes) {
      for (const auto& [name, child] : node->members) {
        const std::string* hidden = child->hides() ? &child->pointer : child->hidden_below;
        if (!IsIndex(name) && hidden != nullptr) return Misfit(*hidden);
        if (child->rename != nullptr) return Fail("an item of an array has no name to change");
      }
    }
    return true;
  }

  // Of the value that comes next.
  Place PlaceOf(const Place& parent, absl::string_view name) {
    const char next = scanner_.Peek();
    Place child;
    child.nodes = Below(parent.nodes, name);
    child.picked =
        parent.picked || AnyOf(child.nodes, [](const PointerNode& node) { return node.pick; });
    // Where only a part is picked, a single value has none.
    const bool way = (next == '{' || next == '[') &&
                     AnyOf(child.nodes, [](const PointerNode& node) { return node.picks_below; });
    const bool dropped = AnyOf(child.nodes, [](const PointerNode& node) { return node.drop; });
    child.mute = parent.mute || dropped || !(child.picked || way);
    return child;
  }

  // The value of a member or item.
  bool Held(const Place& child, int depth) {
    if (!child.mute) {
      const PointerNode* masked =
          FindNode(child.nodes, [](const PointerNode& node) { return node.mask != nullptr; });
      if (masked != nullptr) {
        AppendJsonString(out_, *masked->mask);
        return Muted(child, depth);
      }
      const PointerNode* hashed =
          FindNode(child.nodes, [](const PointerNode& node) { return node.hash; });
      if (hashed != nullptr) return Hashed(child, *hashed);
    }
    return Value(child, depth + 1);
  }

  bool Muted(Place child, int depth) {
    child.mute = true;
    return Value(child, depth + 1);
  }

  // Text by what it stands for, so that it does not matter how it is written.
  bool Hashed(const Place& child, const PointerNode& node) {
    const char first = scanner_.Peek();
    if (first == '{' || first == '[') {
      return Fail(absl::StrCat(node.pointer, " is an object or array: only single values can ",
                               "become pseudonyms"));
    }
    absl::string_view raw;
    if (!scanner_.Scalar(raw)) return Malformed();
    for (const PointerNode* other : child.nodes) {
      if (other->required_below != nullptr) return Missing(*other->required_below);
    }
    if (raw == "null") {
      out_ += "null";
    } else if (!pseudonyms_.placeholder.empty()) {
      AppendJsonString(out_, pseudonyms_.placeholder);
    } else {
      const Sha256Digest digest =
          HmacSha256(pseudonyms_.key, first == '"' ? DecodedString(raw) : std::string(raw));
      const absl::string_view bytes(reinterpret_cast<const char*>(digest.data()), digest.size());
      absl::StrAppend(&out_, "\"", absl::BytesToHexString(bytes), "\"");
    }
    return true;
  }

  bool HasRequired(const Place& place, const std::vector<std::string>& seen) {
    for (const PointerNode* node : place.nodes) {
      if (node->required_below == nullptr) continue;
      for (const auto& [name, child] : node->members) {
        const std::string* required = child->require ? &child->pointer : child->required_below;
        if (required == nullptr) continue;
        if (std::find(seen.begin(), seen.end(), name) == seen.end()) return Missing(*required);
      }
    }
    return true;
  }

  bool AreDistinct(const Place& place, std::vector<std::string>& given) {
    if (place.mute) return true;
    std::sort(given.begin(), given.end());
    if (std::adjacent_find(given.begin(), given.end()) == given.end()) return true;
    return Fail("a new name is that of another member");
  }

  JsonScanner scanner_;
  const Pseudonyms& pseudonyms_;
  std::string out_;
  absl::Status status_;
};

}  // namespace

absl::StatusOr<std::string> Project(absl::string_view data, const PointerNode& tree,
                                    const Pseudonyms& pseudonyms) {
  if (FindInvalidUtf8(data)) {
    return MakeError(ErrorReason::kSchemaViolation, "transform: the data is not UTF-8");
  }
  return Projection(data, pseudonyms).Run(tree);
}

}  // namespace nexus::route
